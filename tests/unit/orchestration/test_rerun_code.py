"""A run begins again at its own commit; where that code is gone this is said, and nothing has changed."""

import hashlib

import pytest

from tests.unit.orchestration.world import ANN, World, deployment, project
from turnout.core.errors import Conflict
from turnout.core.values import replace
from turnout.orchestration import rerun, runs


def test_code_that_is_not_kept_is_said_and_the_newest_is_offered(world: World) -> None:
    digest = hashlib.sha256(b"code").hexdigest()
    world.write(lambda tx: tx.bundles.put(digest, b"code"))
    world.apply(project(deployment("load")), bundle=digest, commit="a" * 40)
    run = world.trigger("load")
    world.write(lambda tx: runs.cancel(tx, run.id, ANN))
    gone = replace(run.spec, bundle="f" * 64)
    over = world.run(run)
    world.write(lambda tx: tx.runs.amend(over, parameters=over.parameters, spec=gone, pool=over.pool))
    with pytest.raises(Conflict, match=r"the code of run .* is not kept any more") as refused:
        world.write(lambda tx: rerun.rerun(tx, run.id, ANN))
    assert "--newest" in (refused.value.fix or "")
    assert world.run(run).attempt == 1
    again = world.write(lambda tx: rerun.rerun(tx, run.id, ANN, newest=True))
    assert (again.attempt, again.spec.bundle) == (2, digest)
