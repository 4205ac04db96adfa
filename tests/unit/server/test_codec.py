from typing import Any

import pytest

from turnout.core.errors import ParameterError
from turnout.server.bodies import RetryBody, RunsQuery, TriggerBody
from turnout.server.codec import convert, decode, too_deep
from turnout.server.problems import RequestRefused

BAD: list[bytes] = [
    b"[" * 100_000, b'{"parameters":' * 1000, b"", b"NaN", b"{", b'{"parameters": {"a": NaN}}', b"\xff\xfe",
    b'{"parameters": {"a": "\\ud800"}}', b'"\x00"', b'{"parameters": {"a": 1e999}}', b"{} {}", b"[1,]",
    b'{"parameters": ' + b"[" * 65 + b"]" * 65 + b"}", b'{"parameters": {"a": ' + b"1" * 10_000 + b"}}",
]  # fmt: skip


@pytest.mark.parametrize("raw", BAD, ids=lambda raw: repr(raw[:24]))
def test_what_is_no_sound_json_is_refused(raw: bytes) -> None:
    with pytest.raises((RequestRefused, ParameterError)):
        decode(raw, TriggerBody)


@pytest.mark.parametrize("name", ["state", "attempt", "project_id", "created_by", "role"])
def test_names_that_a_body_does_not_have_are_refused(name: str) -> None:
    with pytest.raises(ParameterError, match=name):
        decode(f'{{"{name}": 1}}'.encode(), RetryBody)


def test_depth_counts_brackets_outside_of_texts_only() -> None:
    assert not too_deep(b'{"a": "' + b"[{" * 1000 + b'\\"[", "b": []}', 64)
    assert not too_deep(b"[" + b"[],{}," * 1000 + b"[]]", 2)
    assert too_deep(b"[" * 3 + b"]" * 3, 2)


def test_a_query_is_text_made_into_values() -> None:
    asked = convert({"limit": "7", "state": ["failed", "crashed"], "since": "2026-01-01T00:00:00Z"}, RunsQuery, "query")
    assert (asked.limit, asked.state) == (7, ("failed", "crashed"))


@pytest.mark.parametrize(
    "given", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"after": "1' OR 1=1"}, {"x": "1"}]
)
def test_a_query_that_does_not_fit_names_why(given: dict[str, Any]) -> None:
    with pytest.raises(ParameterError, match="query does not fit"):
        convert(given, RunsQuery, "query")
