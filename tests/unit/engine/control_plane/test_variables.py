import subprocess
import sys
from pathlib import Path

import pytest

from turnout import Variable, flow, secret
from turnout.core.errors import NotFound, SecretError
from turnout.testing import harness


def test_a_run_has_the_variables_it_was_given() -> None:
    @flow
    def main() -> tuple[object, object]:
        with pytest.raises(NotFound, match="'none'"):
            Variable.get("none")
        return Variable.get("size"), Variable.get("none", default=None)

    with harness(variables={"size": 12}):
        assert main() == (12, None)


def test_a_script_has_those_of_its_manifest_and_the_secrets_file(tmp_path: Path) -> None:
    (tmp_path / "turnout.yaml").write_text("project: p\nvariables:\n  size: 12\n")
    (tmp_path / ".turnout").mkdir()
    (tmp_path / ".turnout" / "secrets.json").write_text('{"van": {"api_key": "k"}}')
    script = tmp_path / "script.py"
    script.write_text(
        "from turnout import Variable, flow, secret\n@flow\ndef main():\n"
        "    print(Variable.get('size'), secret('van').api_key)\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, env={"HOME": str(tmp_path)}, timeout=60
    )
    assert (done.stdout, done.stderr) == ("12 k\n", "")


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TURNOUT_DATA", str(tmp_path))
    monkeypatch.setenv("VAN_API_KEY", "k3y")
    van = secret("van")
    assert van.api_key == "k3y"
    assert "k3y" not in repr(van)
    with pytest.raises(SecretError, match=r"turnout secret set van\.password.*VAN_PASSWORD"):
        _ = van.password
