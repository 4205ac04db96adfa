"""From a repository to a release: the manifest, the flows it names, the code's bundle, and the plan in words.

The journey: `yaml_source` gives `turnout.yaml` as values with positions, `python_source` what a `turnout.py` beside it
declares, and `layers` lays them over each other; `schema` says which keys there are and checks
their shape; `manifest` builds what was declared and checks that names, zones and schedules exist; `discover` imports
each flow in a child process; `assemble` joins both into a `core.snapshot.Snapshot`; `check` does it all and reports
every error at once. `bundle` archives the code, `render` tells what a plan would change, `scaffold` makes a repository.

Invariant: the only place that imports users' code outside a run, and only in child processes.
"""

import sys
from types import ModuleType
from typing import Any


class _Callable(ModuleType):
    """`from turnout import deploy` is a function to code moved from Prefect, and this package to everyone else."""

    def __call__(
        self,
        *deployments: Any,
        work_pool_name: str | None = None,
        image: Any = None,
        build: bool = True,
        push: bool = True,
        print_next_steps_message: bool = True,
        ignore_warnings: bool = False,
    ) -> Any:
        from turnout.engine.definitions.deploying import deploy

        return deploy(
            *deployments,
            work_pool_name=work_pool_name,
            image=image,
            print_next_steps_message=print_next_steps_message,
        )


sys.modules[__name__].__class__ = _Callable
