import asyncio
from pathlib import Path

import pytest

from turnout import artifacts, flow, task
from turnout.core.errors import MissingContext, ParameterError, TooLarge
from turnout.testing import Harness

PNG = b"\x89PNG\r\n\x1a\n"


def test_every_kind_is_recorded(records: Harness, tmp_path: Path) -> None:
    picture = tmp_path / "map.png"
    picture.write_bytes(PNG)

    @task
    def chart() -> None:
        artifacts.create_image_artifact(picture, key="map", description="a map")

    @flow
    def main() -> str:
        artifacts.create_markdown_artifact("# hi", key="note")
        artifacts.create_table_artifact([{"a": 1, "b": float("nan")}, {"a": tmp_path}], key="rows")
        artifacts.create_table_artifact({"x": [1, 2], "y": [3, 4]}, key="columns")
        artifacts.create_table_artifact([(1, 2), 3], key="lists")
        artifacts.create_link_artifact("https://example.org", key="link")
        key = artifacts.create_progress_artifact(10)
        chart()
        return artifacts.update_progress_artifact(key, 50)

    assert main() == "progress"
    made = records.run.artifacts
    assert made["note"] == ("markdown", {"markdown": "# hi"})
    assert made["rows"] == ("table", {"columns": ["a", "b"], "rows": [[1, "nan"], [str(tmp_path), None]]})
    assert made["columns"][1]["rows"] == [[1, 3], [2, 4]]
    assert made["lists"][1]["rows"] == [[1, 2], [3]]
    assert made["link"][1]["text"] == "https://example.org"
    assert made["progress"][1] == {"progress": 50.0}
    assert made["map"][1] == {
        "media_type": "image/png", "base64": "iVBORw0KGgo=", "description": "a map", "name": "map.png",
    }  # fmt: skip


def test_what_is_no_artifact_says_why(records: Harness) -> None:
    with pytest.raises(MissingContext, match="create_markdown_artifact"):
        artifacts.create_markdown_artifact("x")

    @flow
    def main() -> None:
        with pytest.raises(ParameterError, match="not an image"):
            artifacts.create_image_artifact(b"text")
        with pytest.raises(ParameterError, match="progress is 101"):
            artifacts.create_progress_artifact(101)
        with pytest.raises(TooLarge, match="5,0"):
            artifacts.create_markdown_artifact("x" * 5_000_001)

    main()


def test_async_code_awaits_both_names(records: Harness) -> None:
    @flow
    async def main() -> tuple[str, str, str]:
        first = await artifacts.create_markdown_artifact("x", key="note")  # type: ignore[misc]
        second = await artifacts.acreate_progress_artifact(5)
        third = await artifacts.aupdate_progress_artifact(artifact_id=second, progress=60)
        return first, second, third

    assert asyncio.run(main()) == ("note", "progress", "progress")
    assert records.run.artifacts["progress"][1] == {"progress": 60.0}
