"""What the current run knows of itself."""

import sys

from turnout.engine.context.runtime import deployment, exports_dir, flow_run, task_run

# As `os` does with `os.path`: `import turnout.runtime.flow_run` finds what is no file.
sys.modules.update({f"{__name__}.{part.kind.lower()}": part for part in (flow_run, task_run, deployment)})  # type: ignore[misc]

__all__ = ["deployment", "exports_dir", "flow_run", "task_run"]
