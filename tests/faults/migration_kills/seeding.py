"""Rows of the first schema, as many as wanted, made by the database itself: the same text on SQLite and PostgreSQL."""

from __future__ import annotations

_NUMBERS = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
_STATES = "CASE i % 10 WHEN 0 THEN 'scheduled' WHEN 1 THEN 'running' WHEN 2 THEN 'failed' ELSE 'completed' END"
_ID = "'run-' || CAST(i AS TEXT)"

FIRST = (
    """INSERT INTO release VALUES ('field', 'production', 1, NULL, 'Ada', NULL, NULL, 1, 'admin:ada', '{{}}',
    '{{"project":"field","environment":"production","pools":{{"default":{{"concurrency":9}}}}}}')""",
    """INSERT INTO object VALUES ('field', 'production', 'deployment', 'load', 1, '{{}}', 3, NULL)""",
    """INSERT INTO object VALUES ('field', 'production', 'deployment', 'van', 1, '{{}}', NULL, 5)""",
    """INSERT INTO schedule VALUES ('field', 'production', 'load', 'nightly', '{{}}', 1, 2, 0)""",
    """INSERT INTO worker VALUES ('w1', 'one', 'default', 'field', '0.1', 4, 1, 2)""",
    """INSERT INTO credential VALUES ('hash', 'admin', 'ada', NULL, 1, NULL)""",
    _NUMBERS
    + """ INSERT INTO flow_run (id, project, environment, deployment, flow_name, name, state, state_name, state_at,
    version, attempt, failures, crashes, trigger, created_by, pool, priority, parameters, tags, due_at, created_at,
    spec, worker, lease_until)
    SELECT """
    + _ID
    + """, 'field', 'production', CASE WHEN i % 3 = 0 THEN 'load' ELSE 'van' END, 'load', 'run ' || CAST(i AS TEXT), """
    + _STATES
    + """, 'Some', i, 1 + i % 4, 1, 0, 0, 'manual', 'admin:ada', 'default', 0, '{{}}', '[]', i, i, '{{}}',
    CASE WHEN i % 10 = 1 THEN 'w1' END, CASE WHEN i % 10 = 1 THEN i END FROM n""",
    _NUMBERS
    + """ INSERT INTO flow_run_history SELECT """
    + _ID
    + """, 1, 1, 'scheduled', 'Scheduled', NULL, i, 'admin:ada' FROM n""",
    _NUMBERS + """ INSERT INTO run_token SELECT 'token-' || CAST(i AS TEXT), """ + _ID + """, 1, i FROM n""",
)
"""For `str.format(rows=...)`."""

SUMS = (
    "SELECT count(*), sum(version), sum(state_at), min(id), max(name) FROM flow_run",
    "SELECT state, count(*) FROM flow_run GROUP BY state ORDER BY state",
    "SELECT count(*), sum(at) FROM flow_run_history",
    "SELECT count(*), min(token_hash), max(run_id), sum(issued_at) FROM run_token",
    "SELECT name, release, concurrency_limit FROM object ORDER BY name",
    "SELECT id, name, capacity FROM worker",
    "SELECT deployment, slug, watermark, next_due FROM schedule",
    "SELECT token_hash, kind, name FROM credential",
    "SELECT number, author, snapshot FROM release",
)
"""What no migration may change of the rows above."""
