from collections.abc import Iterator

import pytest

from turnout.testing import Harness, harness


@pytest.fixture
def records() -> Iterator[Harness]:
    """The runs that flows called in the test record."""
    with harness() as made:
        yield made
