"""A database with many runs, made by one statement a table: ninety days of a hundred deployments.

The spread: states as in production (90 % completed, 5 % failed, few of the rest), one deployment in three busier than
the others, two projects, two environments, tags from everyday (30 %) to rare (0.1 %). Only what a list needs is made:
runs and their tags.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

DAYS = 90
PROJECT = "bench"

_COLUMNS = """INSERT INTO flow_run (id, project, environment, deployment, flow_name, name, state, state_name, reason,
    state_at, version, attempt, failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at,
    created_at, started_at, ended_at, occurrence, spec, schedule, worker, lease_until, lease_key)
"""

_SHAPE = """SELECT id, project, environment, 'flow-' || place, 'flow-' || (place / 2), 'run-' || word || '-' || n,
    state, upper(substr(state, 1, 1)) || substr(state, 2),
    CASE WHEN state = 'failed' THEN 'ValueError: no such county' END, at, 4, 1,
    CASE WHEN state = 'failed' THEN 1 ELSE 0 END, 0, CASE WHEN dice % 5 = 0 THEN 'manual' ELSE 'schedule' END,
    'system:scheduler', 'default', 0, '{"county": ' || (n % 3000) || ', "cycle": 2026}', tags, at, at,
    CASE WHEN state IN ('scheduled', 'pending', 'skipped') THEN NULL ELSE at + 100000 END,
    CASE WHEN state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped') THEN at + 5000000 END,
    NULL, '{"entrypoint": "flows/load.py:load", "bundle": null, "commit": "8970c6b", "release": 1, "connection": null, '
    || '"secrets": [], "policy": {}}', NULL, NULL, NULL, NULL
FROM (
    SELECT n, at, id, dice,
        CASE WHEN dice % 10 = 3 THEN 'other' ELSE 'bench' END AS project,
        CASE WHEN dice % 19 = 5 THEN 'staging' ELSE 'production' END AS environment,
        CASE WHEN dice % 3 = 0 THEN dice % 10 ELSE dice % 100 END AS place,
        CASE WHEN dice % 1000 < 900 THEN 'completed' WHEN dice % 1000 < 950 THEN 'failed'
            WHEN dice % 1000 < 965 THEN 'crashed' WHEN dice % 1000 < 975 THEN 'cancelled'
            WHEN dice % 1000 < 985 THEN 'skipped' WHEN dice % 1000 < 995 THEN 'scheduled'
            WHEN dice % 1000 < 998 THEN 'running' ELSE 'paused' END AS state,
        CASE (dice / 7) % 8 WHEN 0 THEN 'heron' WHEN 1 THEN 'maple' WHEN 2 THEN 'comet' WHEN 3 THEN 'delta'
            WHEN 4 THEN 'fern' WHEN 5 THEN 'lark' WHEN 6 THEN 'moss' ELSE 'olive' END AS word,
        CASE WHEN coin % 1000 = 0 THEN '["nightly","rare"]' WHEN coin % 10 < 2 THEN '["nightly","van"]'
            WHEN coin % 10 = 2 THEN '["nightly"]' WHEN coin % 10 < 5 THEN '["team-a"]' ELSE '[]' END AS tags
    FROM ({numbers}) AS numbers
) AS made"""

_NUMBERS_SQLITE = """WITH RECURSIVE serial (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM serial WHERE n < :count - 1)
    SELECT n, :begin + n * :step AS at, (n * 7919 + 13) % 1000003 AS dice, (n * 104729 + 7) % 999983 AS coin,
        printf('%012x7%03x8%015x', (:begin + n * :step) / 1000, n % 4096, n) AS id
    FROM serial"""
_NUMBERS_POSTGRESQL = """SELECT n, %(begin)s::bigint + n * %(step)s::bigint AS at, (n * 7919 + 13) % 1000003 AS dice,
        (n * 104729 + 7) % 999983 AS coin,
        lpad(to_hex((%(begin)s::bigint + n * %(step)s::bigint) / 1000), 12, '0') || '7'
            || lpad(to_hex(n % 4096), 3, '0') || '8' || lpad(to_hex(n), 15, '0') AS id
    FROM generate_series(0::bigint, %(count)s::bigint - 1) AS n"""

_TAGS = "INSERT INTO run_tag (tag, run_id) SELECT t.value, r.id FROM flow_run AS r{each}"


def fill_sqlite(path: str, count: int) -> None:
    """Add `count` runs to the migrated database at `path`."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.executescript("PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000; BEGIN IMMEDIATE")
        connection.execute(_COLUMNS + _SHAPE.replace("{numbers}", _NUMBERS_SQLITE), _values(count))
        connection.execute(_TAGS.replace("{each}", ", json_each(r.tags) AS t"))
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def fill_postgresql(url: str, count: int) -> None:
    """Add `count` runs to the migrated database at `url`."""
    import psycopg

    numbers = _NUMBERS_POSTGRESQL.replace(" % ", " %% ")
    shape = _SHAPE.replace(" % ", " %% ").replace("{numbers}", numbers)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute((_COLUMNS + shape).encode(), _values(count))
        connection.execute(_TAGS.replace("{each}", ", json_array_elements_text(r.tags::json) AS t (value)").encode())
        connection.execute("VACUUM ANALYZE flow_run")
        connection.execute("VACUUM ANALYZE run_tag")


def _values(count: int) -> dict[str, Any]:
    end = int(time.time() * 1e6)
    span = DAYS * 86_400 * 1_000_000
    return {"count": count, "begin": end - span, "step": span // count}
