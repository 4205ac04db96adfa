-- The first schema. Times are microseconds since 1970 UTC; JSON is text; a CHECK of states equals core/states.py.

CREATE TABLE release (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    number BIGINT NOT NULL,
    commit_id TEXT,
    author TEXT,
    message TEXT,
    bundle TEXT,
    applied_at BIGINT NOT NULL,
    applied_by TEXT NOT NULL,
    summary TEXT NOT NULL,
    snapshot TEXT NOT NULL,
    PRIMARY KEY (project, environment, number)
);

-- What a release declares; identity is (project, environment, kind, name).
CREATE TABLE object (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('deployment')),
    name TEXT NOT NULL,
    release BIGINT NOT NULL,
    spec TEXT NOT NULL,
    concurrency_limit BIGINT,
    last_automatic_start BIGINT,
    PRIMARY KEY (project, environment, kind, name),
    FOREIGN KEY (project, environment, release) REFERENCES release (project, environment, number)
);

CREATE TABLE schedule (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    deployment TEXT NOT NULL,
    slug TEXT NOT NULL,
    spec TEXT NOT NULL,
    watermark BIGINT NOT NULL,
    next_due BIGINT,
    paused BIGINT NOT NULL CHECK (paused IN (0, 1)),
    PRIMARY KEY (project, environment, deployment, slug)
);
CREATE INDEX schedule_due ON schedule (next_due) WHERE paused = 0;

CREATE TABLE flow_run (
    id TEXT NOT NULL PRIMARY KEY,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    deployment TEXT,
    flow_name TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling',
        'completed', 'failed', 'crashed', 'cancelled', 'skipped')),
    state_name TEXT NOT NULL,
    reason TEXT,
    state_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    crashes BIGINT NOT NULL,
    trigger TEXT NOT NULL,
    created_by TEXT NOT NULL,
    pool TEXT,
    priority BIGINT NOT NULL,
    parameters TEXT NOT NULL,
    tags TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    occurrence BIGINT,
    spec TEXT NOT NULL,
    schedule TEXT,
    worker TEXT,
    lease_until BIGINT,
    lease_key TEXT
);
CREATE UNIQUE INDEX flow_run_occurrence ON flow_run (project, environment, deployment, schedule, occurrence)
    WHERE occurrence IS NOT NULL;
CREATE INDEX flow_run_project ON flow_run (project, id);
CREATE INDEX flow_run_namespace ON flow_run (project, environment, id);
CREATE INDEX flow_run_state ON flow_run (project, environment, state, id);
CREATE INDEX flow_run_deployment ON flow_run (project, environment, deployment, id);
CREATE INDEX flow_run_deployment_state ON flow_run (project, environment, deployment, state, id);
CREATE INDEX flow_run_flow ON flow_run (project, environment, flow_name, id);
CREATE INDEX flow_run_queue ON flow_run (project, pool, priority DESC, due_at, id) WHERE state = 'scheduled';
CREATE INDEX flow_run_live ON flow_run (project, environment, deployment, id)
    WHERE state IN ('pending', 'running', 'paused', 'cancelling');
CREATE INDEX flow_run_lease ON flow_run (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX flow_run_lease_key ON flow_run (lease_key) WHERE lease_key IS NOT NULL;
CREATE INDEX flow_run_worker ON flow_run (worker, state) WHERE worker IS NOT NULL;

CREATE TABLE run_tag (
    tag TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, run_id)
) WITHOUT ROWID;
CREATE INDEX run_tag_run ON run_tag (run_id);

CREATE TABLE flow_run_history (
    run_id TEXT NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling',
        'completed', 'failed', 'crashed', 'cancelled', 'skipped')),
    name TEXT NOT NULL,
    reason TEXT,
    at BIGINT NOT NULL,
    by TEXT NOT NULL,
    PRIMARY KEY (run_id, version)
) WITHOUT ROWID;

-- Every token an attempt was given: a fenced executor is told that it is, rather than that it is unknown.
CREATE TABLE run_token (
    token_hash TEXT NOT NULL PRIMARY KEY,
    run_id TEXT NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL,
    issued_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX run_token_run ON run_token (run_id);

CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at BIGINT NOT NULL,
    kind TEXT NOT NULL,
    run_id TEXT NOT NULL,
    payload TEXT NOT NULL
);

CREATE TABLE journal_stream (
    run_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    acked BIGINT NOT NULL,
    ended BIGINT NOT NULL CHECK (ended IN (0, 1)),
    header TEXT,
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (run_id, attempt, stream)
) WITHOUT ROWID;

-- `detail` holds what no query looks for: timeline, upstream, tags, reason, result, error, inputs, reused, presumed_from.
-- Twelve columns a row instead of twenty make ingestion twice as fast.
CREATE TABLE task_run (
    run_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    number BIGINT NOT NULL,
    parent BIGINT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('task', 'flow')),
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling',
        'completed', 'failed', 'crashed', 'cancelled', 'skipped')),
    state_name TEXT NOT NULL,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    detail TEXT NOT NULL,
    PRIMARY KEY (run_id, attempt, number)
);

-- One row a stored batch and stream; id is the order of arrival, which a log tail follows.
CREATE TABLE log_chunk (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    min_at BIGINT NOT NULL,
    max_at BIGINT NOT NULL,
    max_level BIGINT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (run_id, attempt, stream, first_seq)
);
CREATE INDEX log_chunk_order ON log_chunk (run_id, attempt, id);

CREATE TABLE artifact (
    run_id TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    number BIGINT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    at BIGINT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (run_id, attempt, stream, seq)
);

CREATE TABLE worker (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    pool TEXT NOT NULL,
    project TEXT NOT NULL,
    version TEXT NOT NULL,
    capacity BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX worker_pool ON worker (project, pool, seen_at);

CREATE TABLE credential (
    token_hash TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    scope TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX credential_expiry ON credential (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE idempotency (
    principal TEXT NOT NULL,
    key TEXT NOT NULL,
    answer BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (principal, key)
) WITHOUT ROWID;
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE bundle (
    digest TEXT NOT NULL PRIMARY KEY,
    content BLOB NOT NULL,
    stored_at BIGINT NOT NULL
);
