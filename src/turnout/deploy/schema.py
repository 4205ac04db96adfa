"""The keys of `turnout.yaml`: one table that checks the file, makes its JSON Schema and the reference page."""

import json
import re
import sys
from typing import Any

from turnout.deploy.compound import Either, Key, Many, Record, Table
from turnout.deploy.shapes import NAME, NAME_PATTERN, VARIABLE, Anything, Choice, Flag, Length, Rate, Shape, Text, Whole
from turnout.schedules.calendars import DATE_PATTERN, WINDOW_PATTERN

PRIORITY = 1000
"""How far a priority may be from 0."""
TITLE = r"\S(.{0,98}\S)?"
FIELD = re.compile(r"[a-z][a-z0-9_]{0,62}\Z")
POOL_TYPES_LATER = ("docker", "ecs", "kubernetes", "serverless", "dask", "ray", "ssh")
CONNECTION_TYPES_LATER = ("redshift", "postgres", "postgresql", "snowflake", "bigquery", "mysql", "sqlite", "s3")

_NAMES = Many(item=Text(pattern=NAME_PATTERN, like="load-people"))
_PARAMETERS = Table(value=Anything(), name=VARIABLE)

CATCH_UP = Either(
    options={
        str: Choice(options=("all", "latest", "none")),
        dict: Record(keys={"within": Key(shape=Length(), doc="how far back, as in 2h", required=True)}),
    },
    wanted="all, latest, none or {within: 2h}",
    fix="use all, latest, none or {within: 2h}",
)

CALENDAR = Record(
    keys={
        "dates": Key(
            shape=Many(item=Text(pattern=DATE_PATTERN, like="2026-11-03 or 2026-12-24..2027-01-01")),
            doc="days, and ranges of days; every day if left out",
        ),
        "windows": Key(
            shape=Table(value=Text(pattern=WINDOW_PATTERN, like='"18:00-21:00"')),
            doc='times of those days by name, as in {blackout: "18:00-21:00"}; the whole day if left out',
        ),
        "timezone": Key(shape=Text(like="America/New_York"), doc="whose days and times, if not the project's"),
    },
    hints={"days": "dates", "date": "dates", "times": "windows", "window": "windows", "zone": "timezone"},
    fix="write {dates: [2026-11-03]}",
)

_CALENDARS = Either(
    options={str: Text(pattern=NAME_PATTERN, like="election-day"), list: _NAMES},
    wanted="a calendar's name or a list of them",
    fix="write [election-day]",
)

CALENDAR_USE = Record(
    keys={
        "skip": Key(shape=_CALENDARS, doc="calendars in which nothing starts"),
        "only": Key(shape=_CALENDARS, doc="calendars outside of which nothing starts"),
    },
    fix="write calendar: election-day",
)

_CRON = Text(like='"5 21 * * *"')

SCHEDULE = Record(
    keys={
        "cron": Key(shape=_CRON, doc='a cron expression of five fields, as in "5 21 * * *"'),
        "every": Key(shape=Length(), doc="a fixed distance, as in 15m"),
        "rrule": Key(shape=Text(like='"FREQ=WEEKLY;BYDAY=MO"'), doc="a recurrence rule of RFC 5545"),
        "anchor": Key(shape=Text(like="2026-01-05T06:00:00"), doc="where `every` and `rrule` count from"),
        "timezone": Key(shape=Text(like="America/New_York"), doc="an IANA zone, if not the project's"),
        "parameters": Key(shape=_PARAMETERS, doc="values for runs of this schedule, over the deployment's"),
        "catch_up": Key(shape=CATCH_UP, doc="what to do about occurrences missed, if not as the deployment says"),
        "paused": Key(shape=Flag(), doc="true: make no runs"),
        "calendar": Key(
            shape=Either(
                options={str: Text(pattern=NAME_PATTERN, like="election-day"), list: _NAMES, dict: CALENDAR_USE},
                wanted="a calendar's name, a list of them or {skip: [a], only: [b]}",
                fix="write calendar: election-day",
            ),
            doc="calendars in which it starts nothing: a name, a list, or {skip: [...], only: [...]}",
        ),
        "slug": Key(shape=Text(pattern=NAME_PATTERN, like="mornings"), doc="the schedule's name"),
        "name": Key(shape=Text(pattern=NAME_PATTERN, like="mornings"), doc="the same as slug"),
    },
    later=("jitter", "until", "priority"),
    hints={
        "calendars": "calendar",
        "interval": "every",
        "tz": "timezone",
        "zone": "timezone",
        "active": "paused",
        "anchor_date": "anchor",
    },
)

RETRIES = Either(
    options={
        int: Whole(maximum=1000),
        dict: Record(
            keys={
                "count": Key(shape=Whole(maximum=1000), doc="how many new attempts after a failure", required=True),
                "delay": Key(shape=Length(zero=True), doc="how long to wait before each, as in 5m"),
            },
            later=("backoff", "jitter", "only"),
        ),
    },
    wanted="a whole number or {count: 2, delay: 5m}",
    fix="write retries: {count: 2, delay: 5m}",
)

CONCURRENCY = Record(
    keys={
        "limit": Key(shape=Whole(minimum=1), doc="at most so many runs of this deployment at once", required=True),
        "on_collision": Key(
            shape=Choice(options=("queue", "skip", "replace", "queue-latest")),
            doc="what happens to one run more: queue, skip, replace (the oldest), queue-latest (drop the others)",
        ),
    },
    later=("group", "by"),
    hints={"collision_strategy": "on_collision", "max": "limit"},
)

_TAGS = Many(item=Text(pattern=r"\S(.{0,61}\S)?", like="warehouse"))

LIMIT_USE = Record(
    keys={
        "name": Key(shape=Text(pattern=NAME_PATTERN, like="van-api"), doc="a limit under limits:", required=True),
        "weight": Key(shape=Whole(minimum=1), doc="how much of it each run takes; 1 if left out"),
    },
    fix="write {name: van-api, weight: 2}",
)

LIMIT = Record(
    keys={
        "concurrency": Key(shape=Whole(minimum=1), doc="at most so many at once, over all deployments that use it"),
        "rate": Key(shape=Rate(), doc="at most so many starts in that time, evenly: 10/s, 5/m, 100/h, 1000/d"),
        "tags": Key(shape=_TAGS, doc="runs that carry one of these tags use the limit, too"),
    },
    later=("by", "burst"),
    hints={"limit": "concurrency", "max": "concurrency", "slots": "concurrency", "tag": "tags", "per": "rate"},
    fix="write {concurrency: 3}",
)

DEPLOYMENT = Record(
    keys={
        "flow": Key(
            shape=Text(pattern=r"[^:\\]+\.py:[A-Za-z_]\w*", like="flows/van.py:update"), doc="a flow: file:function"
        ),
        "sql": Key(shape=Text(pattern=r"[^:\\]+\.sql", like="sql/nightly.sql"), doc="a SQL file as a flow"),
        "title": Key(
            shape=Text(pattern=TITLE, like="Nightly model"), doc="what people see beside its name: any one line"
        ),
        "description": Key(shape=Text(), doc="what it is for; the flow's docstring if left out"),
        "schedule": Key(
            shape=Either(
                options={
                    str: _CRON,
                    dict: SCHEDULE,
                    list: Many(
                        item=Either(
                            options={str: _CRON, dict: SCHEDULE},
                            wanted="a cron expression or a mapping",
                            fix='write "5 21 * * *"',
                        )
                    ),
                },
                wanted="a cron expression, a mapping or a list of them",
                fix='write schedule: "5 21 * * *"',
            ),
            doc="when it runs: a cron expression, a mapping with cron, every or rrule, or a list of them",
        ),
        "parameters": Key(
            shape=_PARAMETERS, doc="values for the flow's parameters; \"${var:name}\" is a variable's value"
        ),
        "connection": Key(shape=Text(like="warehouse"), doc="the connection of a SQL file, over the file's own header"),
        "pool": Key(shape=Text(like="default"), doc="where it runs; the only pool if left out"),
        "after": Key(shape=_NAMES, doc="starts once each of these completed since its own last automatic start"),
        "tags": Key(shape=_TAGS, doc="words to find its runs by, and to bind them by limits"),
        "secrets": Key(shape=_NAMES, doc="secrets that its runs may read, also as environment variables"),
        "retries": Key(shape=RETRIES, doc="new attempts after a failure: a number, or {count: 2, delay: 5m}"),
        "timeout": Key(shape=Length(), doc="how long an attempt may take, as in 1h"),
        "on_crash": Key(
            shape=Choice(options=("stop", "resume")),
            doc="when its process is lost: stop, or resume from the steps that are done",
        ),
        "catch_up": Key(shape=CATCH_UP, doc="occurrences missed while nothing ran: all, latest, none, or {within: 2h}"),
        "concurrency": Key(shape=CONCURRENCY, doc="how many at once, and what happens to one more"),
        "limits": Key(
            shape=Many(
                item=Either(
                    options={str: Text(pattern=NAME_PATTERN, like="van-api"), dict: LIMIT_USE},
                    wanted="a limit's name or {name: van-api, weight: 2}",
                    fix="write limits: [van-api]",
                )
            ),
            doc="limits that its runs use, each a name or {name: van-api, weight: 2}",
        ),
        "priority": Key(
            shape=Whole(minimum=-PRIORITY, maximum=PRIORITY),
            doc="of waiting runs the highest starts first; 0 if left out",
        ),
        "was": Key(
            shape=Text(pattern=NAME_PATTERN, like="load-people"), doc="its name before: its history stays its own"
        ),
    },
    later=(
        "resources",
        "expect",
        "notify",
        "image",
        "environment",
        "env",
        "access",
        "calendar",
        "isolation",
        "results",
    ),
    hints={
        "entrypoint": "flow",
        "cron": "schedule",
        "interval": "schedule",
        "rrule": "schedule",
        "schedules": "schedule",
        "work_pool": "pool",
        "work_queue": "pool",
        "depends_on": "after",
        "concurrency_limit": "concurrency",
        "timeout_seconds": "timeout",
        "retry_delay": "retries",
        "retry_delay_seconds": "retries",
        "name": "the key above",
        "renamed_from": "was",
        "formerly": "was",
    },
)

SECRET = Record(
    keys={
        "fields": Key(
            shape=Many(item=Text(pattern=FIELD.pattern.removesuffix(r"\Z"), like="api_key")),
            doc="what it consists of, as in [username, password]",
            required=True,
        )
    },
    later=("from", "id", "path", "role", "region"),
    hints={"field": "fields", "keys": "fields"},
    fix="write {fields: [api_key]}",
)

CONNECTION = Record(
    keys={
        "type": Key(shape=Choice(options=("duckdb",), later=CONNECTION_TYPES_LATER), doc="duckdb", required=True),
        "database": Key(
            shape=Text(like="warehouse.duckdb"),
            doc='the file, relative to the data folder, or ":memory:"',
            required=True,
        ),
    },
    later=("host", "port", "schema", "secret", "copy", "user", "options", "read_only"),
    hints={"path": "database", "file": "database"},
    fix="write {type: duckdb, database: warehouse.duckdb}",
    kind="type",
)

POOL = Record(
    keys={
        "type": Key(shape=Choice(options=("process",), later=POOL_TYPES_LATER), doc="process", required=True),
        "concurrency": Key(shape=Whole(minimum=1, maximum=10_000), doc="at most so many runs of the pool at once"),
    },
    later=("image", "cpu", "memory", "egress_ip", "shared", "env", "cluster", "spot", "region", "network"),
    fix="write {type: process}",
    kind="type",
)

_WORKFLOW = Text(pattern=r"\.github/workflows/[A-Za-z0-9._-]+\.ya?ml", like=".github/workflows/turnout.yml")

GITHUB_DEPLOY = Record(
    keys={
        "repository_id": Key(
            shape=Whole(minimum=1, maximum=2**53),
            doc="the repository's number: `gh api repos/OWNER/NAME --jq .id`",
            required=True,
        ),
        "branch": Key(shape=Text(like="main"), doc="pushes to it apply; everything else plans; main if left out"),
        "workflow": Key(shape=_WORKFLOW, doc="the only workflow file that may"),
        "environment": Key(shape=Text(like="production"), doc="the GitHub environment that the applying job runs in"),
    },
    hints={"repository": "repository_id", "repo": "repository_id", "id": "repository_id", "ref": "branch"},
    fix="write {repository_id: 123, branch: main}",
)

ACCESS = Record(
    keys={
        "deploy": Key(
            shape=Record(
                keys={
                    "github": Key(shape=GITHUB_DEPLOY, doc="a repository whose workflows deploy without a stored key")
                },
                later=("gitlab", "buildkite", "circleci"),
            ),
            doc="who applies from continuous integration",
        )
    },
    later=("roles",),
)

_TABLES = {
    "variables": Key(shape=Table(value=Anything(), name=VARIABLE), doc="plain values, visible to everybody"),
    "secrets": Key(shape=Table(value=SECRET), doc="names of secrets; never values"),
    "connections": Key(shape=Table(value=CONNECTION), doc="databases by name"),
    "pools": Key(shape=Table(value=POOL), doc="where runs execute: one process pool"),
    "limits": Key(shape=Table(value=LIMIT), doc="what bounds runs of several deployments together"),
    "calendars": Key(shape=Table(value=CALENDAR), doc="days and times of day that schedules leave out, or keep to"),
    "deployments": Key(shape=Table(value=DEPLOYMENT), doc="what runs in production"),
}
OVERLAID = tuple(_TABLES)
"""What an environment may say otherwise."""
INCLUDABLE = Record(
    keys={name: _TABLES[name] for name in OVERLAID},
    hints={"project": "turnout.yaml for it", "timezone": "turnout.yaml for it", "include": "turnout.yaml for it"},
    fix="write deployments: and below it what runs",
)
"""A file that the manifest includes."""

ENVIRONMENT = Record(
    keys={
        "server": Key(
            shape=Text(pattern=r"https?://[^\s/][^\s]*", like="https://turnout-staging.example.org"),
            doc="where it is deployed, if not where TURNOUT_SERVER says",
        ),
        "pause_schedules": Key(shape=Flag(), doc="true: nothing starts by its schedule"),
        **{
            name: Key(
                shape=Table(value=Anything(), name=VARIABLE if name == "variables" else NAME), doc=f"{name} that differ"
            )
            for name in OVERLAID
        },
    },
    later=("notifications", "automations", "access"),
    hints={"url": "server", "paused": "pause_schedules"},
    fix="write staging: {server: https://turnout-staging.example.org}",
)

MANIFEST = Record(
    keys={
        "project": Key(
            shape=Text(pattern=NAME_PATTERN, like="field-data"),
            doc="the repository's name; it owns everything below",
            required=True,
        ),
        "timezone": Key(
            shape=Text(like="America/New_York"), doc="the IANA zone of schedules; needed once there is one"
        ),
        "access": Key(shape=ACCESS, doc="who may deploy, beside the administrators"),
        "include": Key(
            shape=Many(item=Text(like="deployments/*.yaml")),
            doc="more files that declare tables of this one, as patterns: [deployments/*.yaml]",
        ),
        **_TABLES,
        "environments": Key(shape=Table(value=ENVIRONMENT), doc="other places where this runs, and what differs there"),
    },
    later=(
        "notifications",
        "automations",
        "deploy_from_code",
        "datasets",
        "blocks",
    ),
    hints={
        "name": "project",
        "env": "variables",
        "flows": "deployments",
        "jobs": "deployments",
        "work_pools": "pools",
        "concurrency_limits": "limits",
        "schedules": "deployments",
    },
    fix="write project: field-data on the first line",
)


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `turnout.yaml`, for completion and checks in editors."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "turnout.yaml",
        "description": "What a Turnout repository runs in production: when, where and with what.",
        **MANIFEST.schema(),
    }


def documented_keys() -> dict[str, list[tuple[str, str, bool]]]:
    """Heading -> (key, sentence, required) of each mapping of the manifest, for the reference page."""
    retries: Shape = RETRIES.options[dict]
    tables = {
        "turnout.yaml": MANIFEST,
        "deployments": DEPLOYMENT,
        "schedule": SCHEDULE,
        "retries": retries,
        "concurrency": CONCURRENCY,
        "secrets": SECRET,
        "connections": CONNECTION,
        "pools": POOL,
        "limits": LIMIT,
        "limits of a deployment": LIMIT_USE,
        "calendars": CALENDAR,
        "calendar of a schedule": CALENDAR_USE,
        "access.deploy.github": GITHUB_DEPLOY,
        "environments": ENVIRONMENT,
    }
    return {
        heading: [(name, key.doc, key.required) for name, key in record.keys.items()]
        for heading, record in tables.items()
        if isinstance(record, Record)
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(manifest_schema(), indent=2) + "\n")
