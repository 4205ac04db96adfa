"""What of the surface is not there yet, or differs on purpose. Key: module, or module:name."""

_PLATFORM = """
prefect:apause_flow_run prefect:aresume_flow_run prefect:aserve prefect:asuspend_flow_run prefect:deploy
prefect:get_client prefect:pause_flow_run prefect:resume_flow_run prefect:serve prefect:suspend_flow_run
prefect.main:apause_flow_run prefect.main:aresume_flow_run prefect.main:aserve prefect.main:asuspend_flow_run
prefect.main:get_client prefect.main:get_cloud_client prefect.main:pause_flow_run prefect.main:resume_flow_run
prefect.main:serve prefect.main:suspend_flow_run
prefect.artifacts:acreate_image_artifact prefect.artifacts:acreate_link_artifact
prefect.artifacts:acreate_markdown_artifact prefect.artifacts:acreate_progress_artifact
prefect.artifacts:acreate_table_artifact prefect.artifacts:aupdate_progress_artifact
prefect.artifacts:create_image_artifact prefect.artifacts:create_link_artifact
prefect.artifacts:create_markdown_artifact prefect.artifacts:create_progress_artifact
prefect.artifacts:create_table_artifact prefect.artifacts:update_progress_artifact
prefect.blocks.core prefect.blocks.system prefect.deployments.flow_runs prefect.events prefect.events.utilities
prefect.flows:Flow.adeploy prefect.flows:Flow.afrom_source prefect.flows:Flow.ato_deployment prefect.flows:Flow.deploy
prefect.flows:Flow.from_source prefect.flows:Flow.serve prefect.flows:Flow.to_deployment prefect.flows:aserve
prefect.flows:serve prefect.input:RunInput.receive prefect.input.run_input
prefect.schedules:Cron prefect.schedules:Interval prefect.schedules:RRule prefect.schedules:Schedule
prefect.schedules:Schedule.active prefect.schedules:Schedule.anchor_date prefect.schedules:Schedule.cron
prefect.schedules:Schedule.day_or prefect.schedules:Schedule.interval prefect.schedules:Schedule.parameters
prefect.schedules:Schedule.rrule prefect.schedules:Schedule.slug prefect.schedules:Schedule.timezone
prefect.variables:Variable.aget prefect.variables:Variable.aset prefect.variables:Variable.aunset
prefect.variables:Variable.get prefect.variables:Variable.name prefect.variables:Variable.set
prefect.variables:Variable.tags prefect.variables:Variable.unset prefect.variables:Variable.value
"""
_RESULTS = """
prefect:Transaction prefect.main:Transaction prefect.cache_policies prefect.transactions prefect.tasks:Task.on_commit
prefect.tasks:Task.on_rollback prefect.tasks:task_input_hash
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
}
"""key -> the row of docs/reference/differences-from-prefect.md that says so."""
