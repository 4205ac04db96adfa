import json
import os
import socket
from pathlib import Path

import pytest

from turnout.client import connect, connect_work
from turnout.core.errors import ConfigurationError
from turnout.settings import Settings


def write_server(folder: Path, port: int, pid: int) -> None:
    content = {"url": f"http://127.0.0.1:{port}", "pid": pid, "started_at": "2026-01-01T00:00:00+00:00"}
    (folder / "server.json").write_text(json.dumps(content))


def test_without_a_server_there_is_nothing_to_connect_to(tmp_path: Path) -> None:
    assert connect(Settings(data_dir=tmp_path)) is None
    (tmp_path / "server.json").write_text("not json")
    assert connect(Settings(data_dir=tmp_path)) is None


def test_the_file_of_a_killed_server_is_not_believed(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    write_server(tmp_path, port, os.getpid())
    assert connect(Settings(data_dir=tmp_path)) is None
    write_server(tmp_path, port, 2**22 + 1)
    assert connect(Settings(data_dir=tmp_path)) is None


def test_a_running_server_is_found_with_its_token(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        write_server(tmp_path, listening.getsockname()[1], os.getpid())
        with pytest.raises(ConfigurationError, match="token"):
            connect(Settings(data_dir=tmp_path))
        (tmp_path / "admin.token").write_text("tn_admin_x\n")
        (tmp_path / "pool.heavy.token").write_text("tn_worker_x\n")
        for found in (connect(Settings(data_dir=tmp_path)), connect_work(Settings(data_dir=tmp_path), "heavy")):
            assert found is not None
            found.close()


@pytest.mark.parametrize(("project", "taken"), [("field", "narrow"), ("other", "wide"), (None, "wide")])
def test_a_worker_takes_the_token_of_its_project_where_there_is_one(
    tmp_path: Path, project: str | None, taken: str
) -> None:
    (tmp_path / "pool.heavy.token").write_text("wide")
    (tmp_path / "pool.heavy@field.token").write_text("narrow")
    found = connect_work(Settings(data_dir=tmp_path, server_url="http://127.0.0.1:1"), "heavy", project)
    assert found is not None
    assert found._http.headers["Authorization"] == f"Bearer {taken}"
    found.close()


def test_a_named_server_is_taken_at_its_word(tmp_path: Path) -> None:
    found = connect(Settings(data_dir=tmp_path, server_url="http://10.0.0.9:1", token="tn_admin_x"))
    assert found is not None
    found.close()
