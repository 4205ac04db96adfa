"""`turnout.settings`: where values come from, which are refused, and that the documentation names them all."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from turnout.core.errors import ConfigurationError
from turnout.settings import SETTABLE, Settings, load, variable

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "turnout.yaml").write_text("project: p\n")
    (tmp_path / ".turnout").mkdir()
    (tmp_path / "flows").mkdir()
    return tmp_path


def configure(project: Path, text: str) -> Path:
    file = project / ".turnout" / "config.toml"
    file.write_text(text)
    return file


def test_the_data_folder_lies_beside_the_nearest_manifest(project: Path) -> None:
    settings = load(project / "flows" / "a.py", {})
    assert settings.data_dir == project / ".turnout"
    assert settings.project_dir == project


def test_the_nearest_manifest_wins(project: Path) -> None:
    (project / "flows" / "turnout.yaml").write_text("project: q\n")
    assert load(project / "flows", {}).project_dir == project / "flows"


def test_without_a_project_data_is_shared(tmp_path: Path) -> None:
    settings = load(tmp_path, {"XDG_DATA_HOME": str(tmp_path / "data")})
    assert settings.data_dir == tmp_path / "data" / "turnout"
    assert settings.project_dir is None


def test_a_relative_xdg_folder_is_ignored(tmp_path: Path) -> None:
    settings = load(tmp_path, {"XDG_DATA_HOME": "data", "HOME": str(tmp_path)})
    assert settings.data_dir == tmp_path / ".local" / "share" / "turnout"


def test_turnout_data_overrides_the_project(project: Path, tmp_path: Path) -> None:
    settings = load(project, {"TURNOUT_DATA": str(tmp_path / "elsewhere")})
    assert settings.data_dir == tmp_path / "elsewhere"
    assert settings.project_dir == project


def test_the_environment_beats_the_file_beats_the_default(project: Path) -> None:
    configure(project, 'port = 4800\nhost = "localhost"')
    settings = load(project, {"TURNOUT_PORT": "4900"})
    assert (settings.port, settings.host, settings.worker_capacity) == (4900, "localhost", 10)


def test_an_empty_variable_is_not_set(project: Path) -> None:
    assert load(project, {"TURNOUT_PORT": "", "TURNOUT_DATA": ""}) == load(project, {})


def test_every_kind_of_value_is_read_from_both_sources(project: Path) -> None:
    configure(
        project,
        """
        server_url = "https://turnout.example.org/"
        token = "tn_admin_x"
        allowed_hosts = ["a.example", "b.example"]
        tls_cert = "tls/cert.pem"
        lease_seconds = 60
        full_traceback = true
        """,
    )
    settings = load(project, {"TURNOUT_TLS_KEY": "/tls/key.pem", "TURNOUT_SWEEP_SECONDS": "0.5"})
    assert settings.server_url == "https://turnout.example.org"
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.tls_cert == project / ".turnout" / "tls" / "cert.pem"
    assert settings.tls_key == Path("/tls/key.pem")
    assert (settings.lease_seconds, settings.sweep_seconds, settings.full_traceback) == (60.0, 0.5, True)
    assert load(project, {"TURNOUT_ALLOWED_HOSTS": "x, y"}).allowed_hosts == ("x", "y")


def test_the_token_is_not_shown(project: Path) -> None:
    assert "tn_secret" not in repr(load(project, {"TURNOUT_TOKEN": "tn_secret"}))


def test_an_unknown_key_is_refused_by_name(project: Path) -> None:
    file = configure(project, "prot = 4800")
    with pytest.raises(ConfigurationError, match="no setting 'prot'") as caught:
        load(project, {})
    assert caught.value.where == f"{file}, key 'prot'"
    assert caught.value.fix is not None
    assert "port" in caught.value.fix


def test_the_data_folder_cannot_be_set_inside_itself(project: Path) -> None:
    configure(project, 'data_dir = "/elsewhere"')
    with pytest.raises(ConfigurationError, match="no setting 'data_dir'"):
        load(project, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TURNOUT_PORT", "http"),
        ("TURNOUT_PORT", "65536"),
        ("TURNOUT_PORT", "80.5"),
        ("TURNOUT_LEASE_SECONDS", "0"),
        ("TURNOUT_LEASE_SECONDS", "nan"),
        ("TURNOUT_LEASE_SECONDS", "inf"),
        ("TURNOUT_WORKER_CAPACITY", "0"),
        ("TURNOUT_FULL_TRACEBACK", "maybe"),
        ("TURNOUT_SERVER", "turnout.example.org"),
        ("TURNOUT_HOST", "  "),
    ],
)
def test_a_variable_that_cannot_be_is_refused_by_name(project: Path, name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"where: environment variable {name}"):
        load(project, {name: value})


@pytest.mark.parametrize("line", ["port = true", "host = 1", "allowed_hosts = [1]", "tls_key = []", "port ="])
def test_a_value_of_the_wrong_type_is_refused_with_its_file(project: Path, line: str) -> None:
    file = configure(project, line)
    with pytest.raises(ConfigurationError) as caught:
        load(project, {})
    assert str(file) in str(caught.value)
    assert caught.value.fix


def test_a_file_that_is_not_utf8_is_refused(project: Path) -> None:
    (project / ".turnout" / "config.toml").write_bytes(b'host = "\xff"')
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load(project, {})


def test_a_lease_must_outlast_a_heartbeat(project: Path) -> None:
    with pytest.raises(ConfigurationError, match="heartbeat_seconds"):
        load(project, {"TURNOUT_LEASE_SECONDS": "10", "TURNOUT_HEARTBEAT_SECONDS": "10"})


def test_the_heartbeat_follows_the_lease(project: Path) -> None:
    assert load(project, {}).heartbeat_seconds == 10.0
    assert load(project, {"TURNOUT_LEASE_SECONDS": "3"}).heartbeat_seconds == 1.0


def test_every_setting_is_documented_with_its_variable_and_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \|(.*)$", DOCUMENT.read_text(), re.MULTILINE))
    assert set(rows) == {field.name for field in fields(Settings)}
    defaults = Settings(data_dir=Path("/"))
    for name in SETTABLE:
        shown, default = rows[name].split("|")[0].strip(), rows[name].split("|")[1].strip().strip("`")
        assert shown == f"`{variable(name)}`"
        assert default == _spelled(getattr(defaults, name)), name


def _spelled(value: object) -> str:
    if value in (None, ()):
        return ""
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
