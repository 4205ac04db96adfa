"""Turnout: a git repository becomes running pipelines.

Names are loaded when they are first used: `from turnout import flow, task` costs what those two cost.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from turnout import artifacts as artifacts
    from turnout import runtime
    from turnout._version import __version__
    from turnout.engine.context.scopes import tagged as tags
    from turnout.engine.control_plane.pausing import apause_flow_run as apause_flow_run
    from turnout.engine.control_plane.pausing import aresume_flow_run as aresume_flow_run
    from turnout.engine.control_plane.pausing import asuspend_flow_run as asuspend_flow_run
    from turnout.engine.control_plane.pausing import pause_flow_run as pause_flow_run
    from turnout.engine.control_plane.pausing import resume_flow_run as resume_flow_run
    from turnout.engine.control_plane.pausing import suspend_flow_run as suspend_flow_run
    from turnout.engine.definitions.deploying import aserve as aserve
    from turnout.engine.definitions.deploying import serve as serve
    from turnout.engine.flow import Flow, flow
    from turnout.engine.futures.arguments import allow_failure, unmapped
    from turnout.engine.logs.run_logger import get_run_logger
    from turnout.engine.states.state import State
    from turnout.engine.task import Task, task
    from turnout.engine.transactions import Transaction as Transaction
    from turnout.local.prefect_client import get_client as get_client
    from turnout.variables import Variable, secret

__all__ = [
    "Flow",
    "State",
    "Task",
    "Transaction",
    "Variable",
    "__version__",
    "allow_failure",
    "apause_flow_run",
    "aresume_flow_run",
    "aserve",
    "asuspend_flow_run",
    "flow",
    "get_client",
    "get_run_logger",
    "pause_flow_run",
    "resume_flow_run",
    "runtime",
    "secret",
    "serve",
    "suspend_flow_run",
    "tags",
    "task",
    "unmapped",
]  # fmt: skip

_HOMES = {
    "__version__": "turnout._version:__version__",
    "allow_failure": "turnout.engine.futures.arguments:allow_failure",
    "unmapped": "turnout.engine.futures.arguments:unmapped",
    "tags": "turnout.engine.context.scopes:tagged",
    "Flow": "turnout.engine.flow:Flow",
    "flow": "turnout.engine.flow:flow",
    "get_run_logger": "turnout.engine.logs.run_logger:get_run_logger",
    "State": "turnout.engine.states.state:State",
    "Task": "turnout.engine.task:Task",
    "task": "turnout.engine.task:task",
    "Transaction": "turnout.engine.transactions:Transaction",
    "Variable": "turnout.variables:Variable",
    "secret": "turnout.variables:secret",
    "apause_flow_run": "turnout.engine.control_plane.pausing:apause_flow_run",
    "aresume_flow_run": "turnout.engine.control_plane.pausing:aresume_flow_run",
    "asuspend_flow_run": "turnout.engine.control_plane.pausing:asuspend_flow_run",
    "aserve": "turnout.engine.definitions.deploying:aserve",
    "serve": "turnout.engine.definitions.deploying:serve",
    "get_client": "turnout.local.prefect_client:get_client",
    "pause_flow_run": "turnout.engine.control_plane.pausing:pause_flow_run",
    "resume_flow_run": "turnout.engine.control_plane.pausing:resume_flow_run",
    "suspend_flow_run": "turnout.engine.control_plane.pausing:suspend_flow_run",
}
_MODULES = (
    "transactions",
    "serializers",
    "results",
    "locking",
    "filesystems",
    "cache_policies",
    "artifacts",
    "context",
    "blocks",
    "deploy",
    "deployments",
    "events",
    "exceptions",
    "flow_runs",
    "flows",
    "futures",
    "input",
    "logging",
    "main",
    "runtime",
    "states",
    "task_runners",
    "tasks",
    "testing",
    "utilities",
    "variables",
)


def __getattr__(name: str) -> object:
    home = _HOMES.get(name)
    if home is not None:
        module, _, attribute = home.partition(":")
        found = getattr(__import__(module, fromlist=[attribute]), attribute)
        globals()[name] = found
        return found
    if name in _MODULES:
        return __import__(f"turnout.{name}", fromlist=["__name__"])
    raise AttributeError(f"module 'turnout' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES, *_MODULES})
