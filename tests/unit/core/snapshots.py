"""Hypothesis strategies for what a repository may declare."""

from hypothesis import strategies as st

from turnout.core.snapshot import (
    Concurrency,
    ConnectionSpec,
    DeploymentSpec,
    GithubDeploy,
    LimitSpec,
    LimitUse,
    PoolSpec,
    ScheduleSpec,
    SecretSpec,
    Snapshot,
)

NAMES = st.sampled_from(["alpha", "beta", "gamma", "delta", "omega-2"])
# The pairs that Python calls equal and JSON does not are meant.
SCALARS = st.sampled_from([None, True, False, 0, 1, 1.0, 0.5, "", "1", "text", "${var:alpha}"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=2), max_leaves=4
)


def parameters() -> st.SearchStrategy[dict[str, object]]:
    return st.dictionaries(NAMES, VALUES, max_size=3)


def schedules() -> st.SearchStrategy[tuple[ScheduleSpec, ...]]:
    one = st.builds(
        ScheduleSpec,
        slug=NAMES,
        cron=st.sampled_from(["0 6 * * *", "*/5 * * * *"]),
        timezone=st.sampled_from(["UTC", "America/New_York"]),
        parameters=parameters(),
        catch_up=st.sampled_from([None, "all", "within:7200"]),
        paused=st.booleans(),
    )
    return st.lists(one, max_size=2, unique_by=lambda schedule: schedule.slug).map(tuple)


@st.composite
def deployments(draw: st.DrawFn, name: str) -> DeploymentSpec:
    return DeploymentSpec(
        name=name,
        flow_name=draw(st.sampled_from(["load", "send"])),
        entrypoint=draw(st.sampled_from(["flows/a.py:f", "sql/b.sql"])),
        schedules=draw(schedules()),
        parameters=draw(parameters()),
        parameter_schema=draw(st.sampled_from([{}, {"properties": {"alpha": {"type": "integer"}}}])),
        tags=draw(st.lists(NAMES, max_size=2).map(tuple)),
        retries=draw(st.integers(0, 2)),
        concurrency=draw(st.none() | st.builds(Concurrency, limit=st.integers(1, 3))),
        limits=draw(
            st.lists(
                st.builds(LimitUse, name=NAMES, weight=st.integers(1, 2)), max_size=2, unique_by=lambda use: use.name
            ).map(tuple)
        ),
        priority=draw(st.integers(-1, 1)),
    )


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    names = draw(st.sets(NAMES, max_size=4))
    return Snapshot(
        project="field",
        timezone=draw(st.sampled_from([None, "UTC", "America/New_York"])),
        deploy_github=draw(
            st.none()
            | st.builds(
                GithubDeploy,
                repository_id=st.integers(1, 2),
                branch=st.sampled_from(["main", "live"]),
                environment=st.none() | NAMES,
            )
        ),
        variables=draw(st.dictionaries(NAMES, VALUES, max_size=3)),
        secrets=draw(st.dictionaries(NAMES, st.builds(SecretSpec, fields=st.just(("key",)) | st.just(("a", "b"))))),
        connections=draw(
            st.dictionaries(NAMES, st.builds(ConnectionSpec, type=st.just("duckdb"), options=parameters()), max_size=2)
        ),
        pools=draw(st.dictionaries(NAMES, st.builds(PoolSpec, concurrency=st.none() | st.integers(1, 3)), max_size=2)),
        limits=draw(
            st.dictionaries(
                NAMES,
                st.builds(
                    LimitSpec,
                    concurrency=st.none() | st.integers(1, 3),
                    rate=st.sampled_from([None, "10/s"]),
                    tags=st.lists(NAMES, max_size=1).map(tuple),
                ),
                max_size=2,
            )
        ),
        deployments={name: draw(deployments(name)) for name in sorted(names)},
    )
