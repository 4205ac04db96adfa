"""What of the surface is not there yet, or differs on purpose. Key: module, or module:name."""

PENDING: dict[str, str] = {}
"""key -> who brings it. A name that has arrived has to leave."""
DIFFERENT: dict[str, str] = {
    "prefect.tasks:Task": "log_prints of a task",
    "prefect.task_runners:ProcessPoolTaskRunner": "message processors",
    "prefect.variables:Variable.get": "variables that are not there",
    "prefect.variables:Variable.aget": "variables that are not there",
    "prefect.main:get_cloud_client": "Cloud",
}
"""key -> the row of docs/reference/differences-from-prefect.md that says so."""
