"""The page of promises says what the table says."""

import pytest

from tests.architecture.tree import ROOT
from turnout.core.promises import PROMISES, Promise
from turnout.store.invariants import invariant_names, promise

PAGE = (ROOT / "docs" / "reference" / "promises.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("item", PROMISES, ids=lambda item: item.key)
def test_the_page_has_the_words_and_the_checks(item: Promise) -> None:
    [row] = [line for line in PAGE.splitlines() if line.startswith(f"| {item.key} ")]
    assert item.words in row
    assert (item.missing or "") in row
    names = {*invariant_names("sqlite"), *invariant_names("postgresql")}
    assert {name[4:] for name in names if promise(name) == item.key} == set(row.split("`")[1::2])
