"""What the current run knows of itself."""

from turnout.engine.runtime import deployment, exports_dir, flow_run, task_run

__all__ = ["deployment", "exports_dir", "flow_run", "task_run"]
