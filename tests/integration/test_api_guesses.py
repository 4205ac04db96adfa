"""Wrong credentials: told alike, and slowed down; sessions that nobody uses end."""

from pathlib import Path

import pytest

from tests.contract.factories import ManualClock
from tests.serving import served
from turnout.core.limits import SESSION_IDLE_SECONDS, SESSION_SECONDS
from turnout.core.tokens import token_hash
from turnout.server.auth import throttle
from turnout.server.auth.sessions import exchange, login_token, renew_session
from turnout.server.auth.tokens import new_token
from turnout.store import open_store

WRONG = "Bearer tn_admin_" + "A" * 43


def test_guesses_are_throttled_and_the_right_token_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "ADDRESS_BURST", 5.0)
    monkeypatch.setattr(throttle, "ADDRESS_PER_SECOND", 0.001)
    with served(tmp_path) as server, server.http() as http, server.http(server.token("admin")) as right:
        answers = [http.get("/api/v1/runs", headers={"Authorization": WRONG}) for _ in range(8)]
        assert [answer.status_code for answer in answers] == [401] * 5 + [429] * 3
        assert answers[-1].headers["Retry-After"] == "1"
        assert answers[-1].json()["code"] == "too_many_guesses"
        assert http.get("/login", params={"token": "tn_login_" + "A" * 43}).status_code == 429
        assert http.get("/api/v1/runs", headers={"Authorization": WRONG.replace("admin", "run")}).status_code == 401
        assert right.get("/api/v1/runs").status_code == 200
        assert http.get("/health").status_code == 200


def test_a_session_ends_when_it_is_not_used_and_at_last_anyway(tmp_path: Path) -> None:
    clock = ManualClock()
    session, (login, add) = new_token("session"), login_token("admin")
    hashed = token_hash(session)
    with open_store(tmp_path, clock=clock, threaded=False) as store:
        store.write(add)
        store.write(lambda tx: exchange(tx, login, None, session))
        used_for = 0.0
        while used_for < SESSION_SECONDS - SESSION_IDLE_SECONDS / 2:
            clock.advance(SESSION_IDLE_SECONDS / 2)
            used_for += SESSION_IDLE_SECONDS / 2
            assert store.read(lambda tx: tx.credentials.get(hashed)) is not None
            store.write(lambda tx: renew_session(tx, hashed))
        clock.advance(SESSION_IDLE_SECONDS / 2 + 1)
        assert store.read(lambda tx: tx.credentials.get(hashed)) is None, "seven days are the most"
        store.write(lambda tx: exchange_again(tx, session))
        clock.advance(SESSION_IDLE_SECONDS + 1)
        assert store.read(lambda tx: tx.credentials.get(hashed)) is None, "a day without use"


def exchange_again(tx: object, session: str) -> None:
    login, add = login_token("admin")
    add(tx)  # type: ignore[arg-type]
    exchange(tx, login, None, session)  # type: ignore[arg-type]
