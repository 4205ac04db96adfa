"""What differs on purpose about limits."""

import pytest

from tests.compat.test_differences import difference
from turnout.concurrency.sync import AcquireConcurrencySlotTimeoutError, concurrency
from turnout.engine.limits import declared
from turnout.engine.limits.declared import Bound, declare


@difference("places of limits")
def test_places_end_with_their_holder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(declared, "_declared", {})
    declare("api", Bound(1, None, False, "here"))
    with (
        concurrency("api", lease_duration=60, holder=object(), raise_on_lease_renewal_failure=True),
        pytest.raises(AcquireConcurrencySlotTimeoutError),
        concurrency("api", max_retries=0),
    ):
        pass
