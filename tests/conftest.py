"""Fixtures of every suite, names and reports of tests that parallel processes agree on."""

from collections.abc import Iterator

import pytest

from tests.postgres import empty_postgres_url, postgres, postgres_url

__all__ = ["empty_postgres_url", "postgres", "postgres_url"]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test by the argument, not by bytes: an archive holds the second in which it was made, and parallel
    workers that collect it in different seconds would not agree on the tests."""
    return argname if isinstance(val, bytes) else None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """Spell lone surrogates in captured output out: parallel workers send reports as UTF-8."""
    report = yield
    report.sections = [  # type: ignore[attr-defined]
        (title, text.encode("utf-8", "backslashreplace").decode())
        for title, text in report.sections  # type: ignore[attr-defined]
    ]
    return report
