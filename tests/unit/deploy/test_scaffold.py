from pathlib import Path

import pytest

from turnout.core.errors import ConfigurationError
from turnout.deploy.check import check
from turnout.deploy.scaffold import FILES, create


def test_what_it_makes_passes_check_without_a_warning_but_git_s(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    made = create(tmp_path / "field data", None)
    assert {path.relative_to(tmp_path / "field data").as_posix() for path in made} == set(FILES)
    report = check(tmp_path / "field data", environ={}, data_dir=tmp_path / "data")
    assert report.errors == ()
    assert [warning.what for warning in report.warnings] == ["the project is not in a git repository: apply needs one"]
    assert report.require().project == "field-data"
    assert report.require().deployments["sign-ups-by-state"].parameters == {"minimum": "${var:minimum}"}


def test_existing_files_are_never_touched(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    made = create(tmp_path, "field")
    assert (tmp_path / "README.md").read_text() == "mine"
    assert tmp_path / "README.md" not in made
    assert "project: field\n" in (tmp_path / "turnout.yaml").read_text()


def test_a_manifest_that_is_there_stops_it_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "turnout.yaml").write_text("project: mine\n")
    with pytest.raises(ConfigurationError, match=r"there already is a turnout\.yaml"):
        create(tmp_path, "field")
    assert [path.name for path in tmp_path.iterdir()] == ["turnout.yaml"]


def test_a_bad_name_is_refused_with_a_good_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="'Field Data' is not a project's name") as caught:
        create(tmp_path, "Field Data")
    assert caught.value.fix.startswith("use 'field-data'")
