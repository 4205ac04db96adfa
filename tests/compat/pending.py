"""What of the surface is not there yet, or differs on purpose. Key: module, or module:name."""

_PLATFORM = """
prefect:deploy prefect.flows:Flow.adeploy prefect.flows:Flow.ato_deployment prefect.flows:Flow.deploy
prefect.flows:Flow.serve prefect.flows:Flow.to_deployment prefect.flows:aserve prefect.flows:serve
prefect.input:RunInput.receive prefect.input.run_input:RunInput.receive
"""
_RESULTS = """
prefect:Transaction prefect.cache_policies prefect.main:Transaction prefect.tasks:Task.on_commit
prefect.tasks:Task.on_rollback prefect.tasks:task_input_hash prefect.transactions
"""
_LIMITS = """
prefect.concurrency.asyncio prefect.concurrency.sync
"""

PENDING: dict[str, str] = {
    **dict.fromkeys(_PLATFORM.split(), "platform"),
    **dict.fromkeys(_RESULTS.split(), "results"),
    **dict.fromkeys(_LIMITS.split(), "limits"),
}
"""key -> who brings it. A name that has arrived has to leave."""
DIFFERENT: dict[str, str] = {
    "prefect.tasks:Task": "log_prints of a task",
    "prefect.task_runners:ProcessPoolTaskRunner": "message processors",
    "prefect.variables:Variable.get": "variables that are not there",
    "prefect.variables:Variable.aget": "variables that are not there",
    "prefect.main:get_cloud_client": "Cloud",
}
"""key -> the row of docs/reference/differences-from-prefect.md that says so."""
