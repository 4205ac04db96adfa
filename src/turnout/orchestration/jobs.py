"""What a claimed run needs to be executed, as it is at the claim: variables, parameters, secret names, connections."""

from collections.abc import Mapping
from typing import Any

from turnout.core.errors import ConfigurationError
from turnout.core.jobs import Job
from turnout.core.ports import Tx
from turnout.core.records import FlowRun, Namespace
from turnout.core.snapshot import Snapshot
from turnout.orchestration.overridden import variables_of
from turnout.orchestration.parameters import resolve_parameters
from turnout.orchestration.runs import resumes


def build_job(tx: Tx, run: FlowRun, token: str, lease_seconds: float) -> Job:
    """The job of a run that was just claimed.

    Raises ParameterError for a variable, ConfigurationError for a secret or connection, that is not there any more.
    """
    namespace = Namespace(project=run.project, environment=run.environment)
    deployed = tx.projects.snapshot(namespace)
    snapshot = deployed[1] if deployed else Snapshot(project=run.project, environment=run.environment)
    variables = variables_of(tx, namespace, snapshot.variables)
    if run.spec.connection is not None and run.spec.connection not in snapshot.connections:
        raise _undeclared("connection", run.spec.connection)
    return Job(
        run=run,
        token=token,
        lease_seconds=lease_seconds,
        resume=resumes(tx, run),
        parameters=resolve_parameters(run.parameters, variables),
        variables=variables,
        secrets=_secrets(run, snapshot),
        connections=_connections(snapshot),
    )


def _secrets(run: FlowRun, snapshot: Snapshot) -> dict[str, tuple[str, ...]]:
    for name in run.spec.secrets:
        if name not in snapshot.secrets:
            raise _undeclared("secret", name)
    return {name: tuple(snapshot.secrets[name].fields) for name in run.spec.secrets}


def _connections(snapshot: Snapshot) -> dict[str, Mapping[str, Any]]:
    return {name: {"type": spec.type, **spec.options} for name, spec in snapshot.connections.items()}


def _undeclared(kind: str, name: str) -> ConfigurationError:
    return ConfigurationError(
        f"the {kind} '{name}' that the run needs is not declared any more",
        fix=f"declare '{name}' under `{kind}s:` in turnout.yaml and run `turnout apply`",
    )
