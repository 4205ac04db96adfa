"""Running a run again: what would be reused, and a new attempt with other parameters or with the newest code."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from turnout.core.errors import Conflict
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Namespace, Principal, Release
from turnout.core.snapshot import DeploymentSpec
from turnout.core.states import FINAL
from turnout.core.views import RerunPreview
from turnout.orchestration import runs
from turnout.orchestration.access import find_run
from turnout.orchestration.creation import check_size, run_spec
from turnout.orchestration.parameters import validate

STEPS = 20_000
"""So many steps are looked at for a preview; of more it tells that there are more."""
NAMES = 50


def preview(tx: Tx, run: FlowRun) -> RerunPreview:
    """What a new attempt from the failure would reuse, and what it can be started with."""
    reused, complete = tx.views.reusable(run.id, run.attempt + 1, STEPS)
    own, newest = _own(tx, run), _newest(tx, run)
    why_not = _why_not(run)
    same = newest is None or newest[1].bundle == run.spec.bundle
    return RerunPreview(
        possible=why_not is None,
        why_not=why_not,
        reused=_most(Counter(map(_name, reused))),
        again=_most(Counter(tx.views.unfinished(run.id, run.attempt))),
        complete=complete,
        own=run.spec.commit,
        newest=None if same or newest is None else newest[1].commit or f"release {newest[1].number}",
        own_schema=own.parameter_schema if own else {},
        newest_schema=newest[0].parameter_schema if newest else {},
        parameters=run.parameters,
    )


def rerun(
    tx: Tx,
    run_id: str,
    by: Principal,
    *,
    from_failure: bool = True,
    parameters: Mapping[str, Any] | None = None,
    newest: bool = False,
) -> FlowRun:
    """Open a new attempt of a run that is over; see `runs.retry`. parameters: those it has from now on, all of them;
    newest: with the code that is deployed now, else with its own. Raises Conflict where that code is not kept, and
    ParameterError and TooLarge for parameters that the flow does not take: then nothing has changed."""
    run = find_run(tx, run_id)
    if run.state in FINAL and run.pool is not None:
        if newest or parameters is not None:
            _amend(tx, run, parameters, newest)
        if not newest:
            _check_code(tx, run)
    return runs.retry(tx, run_id, by, from_failure=from_failure)


def _check_code(tx: Tx, run: FlowRun) -> None:
    if run.spec.bundle is not None and not tx.bundles.has(run.spec.bundle):
        raise Conflict(
            f"the code of run {run.name} is not kept any more",
            where=f"commit {run.spec.commit or 'unknown'}, release {run.spec.release or 'unknown'}",
            fix="run it with the newest code: --newest; or apply that commit again",
        )


def _amend(tx: Tx, run: FlowRun, parameters: Mapping[str, Any] | None, newest: bool) -> None:
    deployed = _newest(tx, run)
    if newest and deployed is None:
        raise Conflict(
            f"the deployment of run {run.name} is not there any more",
            where=f"run {run.id}",
            fix="run it again with its own code",
        )
    spec = deployed[0] if newest and deployed else _own(tx, run)
    given = run.parameters if parameters is None else parameters
    check_size(given, run.deployment or run.flow_name)
    if spec is not None:
        validate(tx, _namespace(run), spec, given)
    code = run_spec(*deployed) if newest and deployed else run.spec
    tx.runs.amend(run, parameters=given, spec=code, pool=spec.pool if newest and spec else run.pool)


def _why_not(run: FlowRun) -> str | None:
    if run.pool is None:
        return "it was started by a script: run the script again"
    return None if run.state in FINAL else f"it is not over: {run.state_name}"


def _most(counts: Counter[str]) -> dict[str, int]:
    """The most frequent names; what is left over under an empty one."""
    shown = dict(counts.most_common(NAMES))
    rest = counts.total() - sum(shown.values())
    return shown | ({"": rest} if rest else {})


def _name(key: str) -> str:
    """The name in a step's key: `subflow#0/load#2` is a `load`."""
    return key.rpartition("/")[2].partition("#")[0]


def _own(tx: Tx, run: FlowRun) -> DeploymentSpec | None:
    """The deployment as the run's own release declared it."""
    if run.spec.release is None:
        return None
    found = tx.projects.release(_namespace(run), run.spec.release)
    return found[1].deployments.get(run.deployment or "") if found else None


def _newest(tx: Tx, run: FlowRun) -> tuple[DeploymentSpec, Release] | None:
    return tx.projects.deployment(_namespace(run), run.deployment) if run.deployment else None


def _namespace(run: FlowRun) -> Namespace:
    return Namespace(project=run.project, environment=run.environment)
