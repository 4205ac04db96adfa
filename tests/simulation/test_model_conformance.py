"""The conformance suite of `tests/contract` on the model: what holds of the databases holds of it.

Left out is what a store in memory has no answer to: threads, and snapshots that outlast a write.
"""

from tests.contract import (
    test_bundles,
    test_claimable,
    test_credentials,
    test_idempotency,
    test_inventory,
    test_journal,
    test_outbox,
    test_projects,
    test_renames,
    test_runs,
    test_views,
    test_workers,
)

SUITES = (
    test_bundles,
    test_claimable,
    test_credentials,
    test_idempotency,
    test_inventory,
    test_journal,
    test_outbox,
    test_projects,
    test_renames,
    test_runs,
    test_views,
    test_workers,
)
LEFT_OUT: frozenset[str] = frozenset()
for suite in SUITES:
    for name, test in vars(suite).items():
        if name.startswith("test_") and callable(test) and name not in LEFT_OUT:
            globals()[f"{name}__{suite.__name__.rpartition('.')[2]}"] = test
