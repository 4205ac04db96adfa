-- The first schema. Times are microseconds since 1970 UTC; JSON is text; a CHECK of states equals core/states.py.
-- Text compares by code point ("C") whatever the database's locale is, so that pages are the same on every database.

CREATE TABLE release (
    project TEXT COLLATE "C" NOT NULL,
    environment TEXT COLLATE "C" NOT NULL,
    number BIGINT NOT NULL,
    commit_id TEXT COLLATE "C",
    author TEXT COLLATE "C",
    message TEXT COLLATE "C",
    bundle TEXT COLLATE "C",
    applied_at BIGINT NOT NULL,
    applied_by TEXT COLLATE "C" NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    snapshot TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (project, environment, number)
);

-- What a release declares; identity is (project, environment, kind, name).
CREATE TABLE object (
    project TEXT COLLATE "C" NOT NULL,
    environment TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('deployment')),
    name TEXT COLLATE "C" NOT NULL,
    release BIGINT NOT NULL,
    spec TEXT COLLATE "C" NOT NULL,
    concurrency_limit BIGINT,
    last_automatic_start BIGINT,
    PRIMARY KEY (project, environment, kind, name),
    FOREIGN KEY (project, environment, release) REFERENCES release (project, environment, number)
);

CREATE TABLE schedule (
    project TEXT COLLATE "C" NOT NULL,
    environment TEXT COLLATE "C" NOT NULL,
    deployment TEXT COLLATE "C" NOT NULL,
    slug TEXT COLLATE "C" NOT NULL,
    spec TEXT COLLATE "C" NOT NULL,
    watermark BIGINT NOT NULL,
    next_due BIGINT,
    paused BIGINT NOT NULL CHECK (paused IN (0, 1)),
    PRIMARY KEY (project, environment, deployment, slug)
);
CREATE INDEX schedule_due ON schedule (next_due) WHERE paused = 0;

CREATE TABLE flow_run (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project TEXT COLLATE "C" NOT NULL,
    environment TEXT COLLATE "C" NOT NULL,
    deployment TEXT COLLATE "C",
    flow_name TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling',
        'completed', 'failed', 'crashed', 'cancelled', 'skipped')),
    state_name TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    state_at BIGINT NOT NULL,
    version BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    crashes BIGINT NOT NULL,
    trigger TEXT COLLATE "C" NOT NULL,
    created_by TEXT COLLATE "C" NOT NULL,
    pool TEXT COLLATE "C",
    priority BIGINT NOT NULL,
    parameters TEXT COLLATE "C" NOT NULL,
    tags TEXT COLLATE "C" NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    occurrence BIGINT,
    spec TEXT COLLATE "C" NOT NULL,
    schedule TEXT COLLATE "C",
    worker TEXT COLLATE "C",
    lease_until BIGINT,
    lease_key TEXT COLLATE "C"
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
    tag TEXT COLLATE "C" NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    PRIMARY KEY (tag, run_id)
);
CREATE INDEX run_tag_run ON run_tag (run_id);

CREATE TABLE flow_run_history (
    run_id TEXT COLLATE "C" NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    version BIGINT NOT NULL,
    attempt BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling',
        'completed', 'failed', 'crashed', 'cancelled', 'skipped')),
    name TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C",
    at BIGINT NOT NULL,
    by TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run_id, version)
);

-- Every token an attempt was given: a fenced executor is told that it is, rather than that it is unknown.
CREATE TABLE run_token (
    token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    run_id TEXT COLLATE "C" NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL,
    issued_at BIGINT NOT NULL
);
CREATE INDEX run_token_run ON run_token (run_id);

CREATE TABLE outbox (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    run_id TEXT COLLATE "C" NOT NULL,
    payload TEXT COLLATE "C" NOT NULL
);

CREATE TABLE journal_stream (
    run_id TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    acked BIGINT NOT NULL,
    ended BIGINT NOT NULL CHECK (ended IN (0, 1)),
    header TEXT COLLATE "C",
    stored_at BIGINT NOT NULL,
    PRIMARY KEY (run_id, attempt, stream)
);

-- `detail` holds what no query looks for: timeline, upstream, tags, reason, result, error, inputs, reused, presumed_from.
CREATE TABLE task_run (
    run_id TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    number BIGINT NOT NULL,
    parent BIGINT NOT NULL,
    kind TEXT COLLATE "C" NOT NULL CHECK (kind IN ('task', 'flow')),
    key TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL CHECK (state IN ('scheduled', 'pending', 'running', 'paused', 'cancelling',
        'completed', 'failed', 'crashed', 'cancelled', 'skipped')),
    state_name TEXT COLLATE "C" NOT NULL,
    tries BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    detail TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run_id, attempt, number)
);

-- One row a stored batch and stream; id is the order of arrival, which a log tail follows.
CREATE TABLE log_chunk (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    run_id TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    first_seq BIGINT NOT NULL,
    last_seq BIGINT NOT NULL,
    lines BIGINT NOT NULL,
    min_at BIGINT NOT NULL,
    max_at BIGINT NOT NULL,
    max_level BIGINT NOT NULL,
    body BYTEA NOT NULL,
    UNIQUE (run_id, attempt, stream, first_seq)
);
CREATE INDEX log_chunk_order ON log_chunk (run_id, attempt, id);

CREATE TABLE artifact (
    run_id TEXT COLLATE "C" NOT NULL,
    attempt BIGINT NOT NULL,
    stream BIGINT NOT NULL,
    seq BIGINT NOT NULL,
    number BIGINT NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    at BIGINT NOT NULL,
    data TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (run_id, attempt, stream, seq)
);

CREATE TABLE worker (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name TEXT COLLATE "C" NOT NULL,
    pool TEXT COLLATE "C" NOT NULL,
    project TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    capacity BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX worker_pool ON worker (project, pool, seen_at);

CREATE TABLE credential (
    token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C",
    created_at BIGINT NOT NULL,
    expires_at BIGINT
);
CREATE INDEX credential_expiry ON credential (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE idempotency (
    principal TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    answer BYTEA NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (principal, key)
);
CREATE INDEX idempotency_expiry ON idempotency (expires_at);

CREATE TABLE bundle (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    content BYTEA NOT NULL,
    stored_at BIGINT NOT NULL
);
