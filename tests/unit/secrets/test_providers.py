from pathlib import Path

import pytest

from turnout.core.errors import SecretError
from turnout.secrets import env_name, environment, missing, resolve, set_secret

WANTED = {"van": ("api_key",), "red-shift": ("username", "password")}


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    set_secret(tmp_path, "van.api_key", "from-file")
    set_secret(tmp_path, "red-shift.username", "user")
    set_secret(tmp_path, "red-shift.password", "pass")
    assert resolve(tmp_path, WANTED, {"VAN_API_KEY": "from-env"}) == {
        "van": {"api_key": "from-env"},
        "red-shift": {"username": "user", "password": "pass"},
    }


def test_everything_that_is_missing_is_named_with_both_ways_to_set_it(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=r"no value for the secret van\.api_key, red-shift\.password") as caught:
        resolve(tmp_path, WANTED, {"RED_SHIFT_USERNAME": "u", "VAN_API_KEY": ""})
    assert caught.value.fix == "`turnout secret set van.api_key`, or set VAN_API_KEY in the environment"
    assert missing(tmp_path, WANTED, {"RED_SHIFT_USERNAME": "u"}) == [("van", "api_key"), ("red-shift", "password")]


def test_an_unsafe_file_matters_only_when_it_is_needed(tmp_path: Path) -> None:
    set_secret(tmp_path, "van.api_key", "from-file")
    (tmp_path / "secrets.json").chmod(0o644)
    assert resolve(tmp_path, {"van": ["api_key"]}, {"VAN_API_KEY": "from-env"})["van"]["api_key"] == "from-env"
    with pytest.raises(SecretError, match="others may read"):
        resolve(tmp_path, {"van": ["api_key"]}, {})


def test_runs_get_them_as_environment_variables() -> None:
    assert environment({"red-shift": {"password": "p"}, "van": {"api_key": "k"}}) == {
        "RED_SHIFT_PASSWORD": "p",
        "VAN_API_KEY": "k",
    }
    assert env_name("van", "api_key") == "VAN_API_KEY"
