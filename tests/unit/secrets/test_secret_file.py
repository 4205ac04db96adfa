import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from turnout.core.errors import SecretError
from turnout.secrets import list_secrets, remove_secret, set_secret
from turnout.secrets.secret_file import read_secrets


def test_what_is_set_is_read_back_and_only_by_its_owner(tmp_path: Path) -> None:
    data = tmp_path / "data"
    set_secret(data, "van.api_key", "s3cret-value")
    set_secret(data, "van.url", "https://example.org")
    assert read_secrets(data) == {"van": {"api_key": "s3cret-value", "url": "https://example.org"}}
    assert list_secrets(data) == ["van.api_key", "van.url"]
    assert stat.S_IMODE((data / "secrets.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(data.stat().st_mode) == 0o700


def test_removing_the_last_field_removes_the_secret(tmp_path: Path) -> None:
    set_secret(tmp_path, "van.api_key", "s3cret-value")
    remove_secret(tmp_path, "van.api_key")
    assert read_secrets(tmp_path) == {}
    with pytest.raises(SecretError, match=r"van\.api_key is not in the secrets file"):
        remove_secret(tmp_path, "van.api_key")


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: set_secret(tmp_path, f"s{n}.value", f"value-{n}"), range(24)))
    assert len(list_secrets(tmp_path)) == 24
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".secrets")] == []


def test_a_file_that_others_may_read_is_refused_with_the_fix(tmp_path: Path) -> None:
    set_secret(tmp_path, "van.api_key", "s3cret-value")
    path = tmp_path / "secrets.json"
    path.chmod(0o640)
    with pytest.raises(SecretError, match="mode 0640") as caught:
        read_secrets(tmp_path)
    assert caught.value.fix == f"chmod 600 {path}"
    with pytest.raises(SecretError):
        set_secret(tmp_path, "van.url", "https://example.org")


@pytest.mark.parametrize("text", ["{", "[]", '{"van": "flat"}', '{"van": {"api_key": 5}}'])
def test_a_damaged_file_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secrets.json"
    path.write_text(text + "   hunter2")
    if text != "{":
        path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(SecretError) as caught:
        read_secrets(tmp_path)
    assert "hunter2" not in str(caught.value)
    assert caught.value.where == str(path)


@pytest.mark.parametrize(
    "name", ["van", "van.", ".key", "Van.key", "van.api-key", "van.key.more", "../x.key", "van.KEY"]
)
def test_names_are_checked_before_anything_is_written(tmp_path: Path, name: str) -> None:
    with pytest.raises(SecretError, match="not the name of a secret's field"):
        set_secret(tmp_path, name, "value")
    assert not (tmp_path / "secrets.json").exists()


@pytest.mark.parametrize("value", ["", "a\0b"])
def test_values_that_no_environment_can_hold_are_refused(tmp_path: Path, value: str) -> None:
    with pytest.raises(SecretError, match="empty or holds a NUL"):
        set_secret(tmp_path, "van.api_key", value)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_secret(tmp_path, "van.api_key", "s3cret-value")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="No space"):
        set_secret(tmp_path, "van.api_key", "another")
    assert json.loads((tmp_path / "secrets.json").read_text()) == {"van": {"api_key": "s3cret-value"}}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["secrets.json", "secrets.json.lock"]
