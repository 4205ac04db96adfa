import pytest

from turnout.cli import waiting
from turnout.core.errors import NotFound, ServerUnreachable, StoreUnavailable


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses, which pass at once."""
    seconds: list[float] = [0.0]
    monkeypatch.setattr(waiting.clock, "monotonic", lambda: sum(seconds))
    monkeypatch.setattr(waiting.clock, "sleep", seconds.append)
    return seconds


def test_a_server_that_is_away_for_a_while_is_waited_for(capsys: pytest.CaptureFixture[str]) -> None:
    answers = iter([ServerUnreachable("no server answered"), StoreUnavailable("the database is away"), 7])

    def ask() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert waiting.patiently(ask) == 7
    said = capsys.readouterr().err
    assert said.count("waiting for the server: no server answered") == 1
    assert "the server is back" in said


def test_patience_has_an_end(slept: list[float]) -> None:
    def ask() -> None:
        raise ServerUnreachable("no server answered")

    with pytest.raises(ServerUnreachable):
        waiting.patiently(ask)
    assert sum(slept) >= waiting.PATIENCE_SECONDS


def test_a_refusal_is_not_waited_for(slept: list[float]) -> None:
    def ask() -> None:
        raise NotFound("no such run")

    with pytest.raises(NotFound):
        waiting.patiently(ask)
    assert slept == [0.0]
