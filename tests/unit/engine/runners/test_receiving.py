"""The worker's half of a call, in this process."""

import pickle
from typing import Any

import pytest

from turnout.core.errors import ConfigurationError, NotSendable, ParameterError, TaskCrashed, TurnoutError
from turnout.engine.runners.clusters import need
from turnout.engine.runners.importing import import_for
from turnout.engine.runners.receiving import Workplace


def answer_to(frame: bytes) -> tuple[str, Any]:
    kind, value, _, _ = pickle.loads(Workplace().execute(frame))
    return kind, value


def test_another_release_is_refused_by_name() -> None:
    kind, (pickled, _, name, message, _) = answer_to(pickle.dumps(((99, "9.9.9"), (), {})))
    assert (kind, name) == ("error", "NotSendable")
    assert "the flow 9.9.9: they do not understand each other" in message
    assert isinstance(pickle.loads(pickled), NotSendable)


@pytest.mark.parametrize("frame", [b"", b"rubbish", pickle.dumps(None), pickle.dumps((1, 2, 3))])
def test_rubbish_is_an_answer_too(frame: bytes) -> None:
    assert answer_to(frame)[0] == "error"


def test_a_missing_library_says_what_to_install() -> None:
    with pytest.raises(ConfigurationError, match=r"(?s)needs the package nosuch.*pip install 'turnout\[extra\]'"):
        need("SomeTaskRunner", "nosuch", "extra")


def test_a_module_is_found_by_its_file(tmp_path: Any) -> None:
    (tmp_path / "here.py").write_text("VALUE = 3\n")
    assert import_for("turnout_flow_here", str(tmp_path / "here.py")).VALUE == 3
    with pytest.raises(ModuleNotFoundError):
        import_for("turnout_flow_gone", None)


@pytest.mark.parametrize("error", [
    TaskCrashed("gone", fix="look"), ParameterError("what", where="here"), NotSendable(),
])  # fmt: skip
def test_errors_of_turnout_travel(error: TurnoutError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again), again.args) == (type(error), str(error), error.args)
