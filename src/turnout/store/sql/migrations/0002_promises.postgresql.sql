
-- Limits: what bounds how many runs go on at once (concurrency) and how fast they start (interval_micros between two
-- starts). `users` is {deployment: weight} and `tags` lists the tags that make a run a user of a named limit.
CREATE TABLE run_limit (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('deployment', 'pool', 'limit')),
    name TEXT NOT NULL,
    concurrency BIGINT,
    interval_micros BIGINT,
    tags TEXT NOT NULL,
    users TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (project, environment, kind, name)
);

-- When a limit with a rate lets the next one through; kind 'catch-up' spreads what an outage left to be started.
CREATE TABLE limit_rate (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    next_at BIGINT NOT NULL,
    PRIMARY KEY (project, environment, kind, name)
);

-- Who holds what. A row counts while its attempt is the run's and is active: one that nobody removed blocks nobody.
-- holder: empty for the run itself, else a task's key within it.
CREATE TABLE slot (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    holder TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    taken_at BIGINT NOT NULL,
    PRIMARY KEY (project, environment, kind, name, run_id, holder)
);
CREATE INDEX slot_run ON slot (run_id);

-- Tasks that wait for a slot; one that has not asked again by `until` waits no more.
CREATE TABLE slot_waiter (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    name TEXT NOT NULL,
    run_id TEXT NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    holder TEXT NOT NULL,
    attempt BIGINT NOT NULL,
    weight BIGINT NOT NULL,
    priority BIGINT NOT NULL,
    asked_at BIGINT NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (project, environment, name, run_id, holder)
);
CREATE INDEX slot_waiter_run ON slot_waiter (run_id);

-- Searches: an index for each condition that can be asked for alone, in the order of the answer. A text is looked for in
-- flow_run_by_text, which holds what it may match without the rest of the row. lower(state): no other statement
-- shall take that index. What stands behind INCLUDE is tested on what the index meets, without the rest of the row: the
-- planner takes the tests to be so rare that it walked the primary key through ten times as many rows.
DROP INDEX flow_run_namespace;
DROP INDEX flow_run_state;
DROP INDEX flow_run_deployment;
DROP INDEX flow_run_flow;
CREATE INDEX flow_run_by_environment ON flow_run (environment, id);
CREATE INDEX flow_run_by_state ON flow_run (lower(state), id) INCLUDE (project, environment, state);
CREATE INDEX flow_run_by_deployment ON flow_run (deployment, id) INCLUDE (project, environment, state);
CREATE INDEX flow_run_by_flow ON flow_run (flow_name, id) INCLUDE (project, environment, state);
CREATE INDEX flow_run_by_text ON flow_run (id, name, flow_name, deployment);

-- What people paused on the server, whatever the repository says; slug is empty for the whole deployment. Until: when
-- it goes on by itself.
CREATE TABLE pause (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    deployment TEXT NOT NULL,
    slug TEXT NOT NULL,
    at BIGINT NOT NULL,
    by TEXT NOT NULL,
    reason TEXT,
    until BIGINT,
    PRIMARY KEY (project, environment, deployment, slug)
);
CREATE INDEX pause_until ON pause (until) WHERE until IS NOT NULL;

-- Waiting runs of one lane (pool/environment/deployment, and the tags that limits name) need the same limits, so that a
-- claim looks at the first of each and passes over the rest of a full one. NULL while the run is held back by a pause.
ALTER TABLE flow_run ADD COLUMN lane TEXT COLLATE "C";
UPDATE flow_run SET lane = pool || '/' || environment || '/' || coalesce(deployment, '')
WHERE state = 'scheduled' AND pool IS NOT NULL;
DROP INDEX flow_run_queue;
CREATE INDEX flow_run_lane ON flow_run (project, lane, priority, due_at, id)
    WHERE state = 'scheduled' AND lane IS NOT NULL;
-- A token whose claim was taken back stands for no attempt any more, though its run may be claimed anew in the same one.
ALTER TABLE run_token ADD COLUMN revoked_at BIGINT;
ALTER TABLE worker ADD COLUMN lease_seconds DOUBLE PRECISION NOT NULL DEFAULT 30;
-- The newest request that was answered: copies of older ones, which a network delivers late, are refused by it.
ALTER TABLE worker ADD COLUMN session TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE worker ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
ALTER TABLE worker ADD COLUMN past_sessions TEXT NOT NULL DEFAULT '[]';

INSERT INTO run_limit (project, environment, kind, name, concurrency, interval_micros, tags, users, changed_at)
SELECT project, environment, 'deployment', name, concurrency_limit, NULL, '[]', '{}', 0 FROM object
WHERE kind = 'deployment' AND concurrency_limit IS NOT NULL;
INSERT INTO run_limit (project, environment, kind, name, concurrency, interval_micros, tags, users, changed_at)
SELECT r.project, r.environment, 'pool', p.key, CAST(p.value ->> 'concurrency' AS BIGINT), NULL, '[]', '{}', 0
FROM release AS r CROSS JOIN LATERAL json_each(CAST(r.snapshot AS json) -> 'pools') AS p (key, value)
WHERE p.value ->> 'concurrency' IS NOT NULL AND r.number = (
    SELECT max(number) FROM release AS n WHERE n.project = r.project AND n.environment = r.environment
);
INSERT INTO slot (project, environment, kind, name, run_id, holder, attempt, weight, taken_at)
SELECT f.project, f.environment, l.kind, l.name, f.id, '', f.attempt, 1, f.state_at
FROM flow_run AS f
JOIN run_limit AS l ON l.project = f.project AND l.environment = f.environment
    AND ((l.kind = 'deployment' AND l.name = f.deployment) OR (l.kind = 'pool' AND l.name = f.pool))
WHERE f.state IN ('pending', 'running', 'paused', 'cancelling');

-- Numbers that outlive the rows they speak of: `events_pruned_at` (up to when events were removed), `store_epoch` (how
-- often the database was restored from a backup).
CREATE TABLE store_mark (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

-- When a duty that any server may do was last done by one of them: `rescuer` sweeps for lapsed leases.
-- `uptime` is microseconds of a clock that nobody sets, comparable within one `boot` of one machine.
CREATE TABLE duty (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    done_at BIGINT NOT NULL,
    boot TEXT,
    uptime BIGINT
);

-- The token that a data folder's file holds, so that a file that was replaced leaves no valid token behind.
CREATE TABLE issued_token (
    folder TEXT COLLATE "C" NOT NULL,
    file TEXT COLLATE "C" NOT NULL,
    token_hash TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (folder, file)
);

-- Runs that retention removed and whose tasks, logs and artifacts are still to follow, a portion at a time.
CREATE TABLE pruned_run (
    run_id TEXT COLLATE "C" NOT NULL PRIMARY KEY
);

-- What a paused run waits for: `form` is the JSON Schema of the answer, NULL for a plain go-ahead. A run that nobody
-- executes any more (suspended) fails when `until` has passed.
CREATE TABLE run_question (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES flow_run (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    form TEXT,
    description TEXT,
    asked_at BIGINT NOT NULL,
    until BIGINT
);
CREATE INDEX run_question_until ON run_question (until) WHERE until IS NOT NULL;

-- What a run was told: answers to its questions, and what was sent to it.
CREATE TABLE run_input (
    run_id TEXT NOT NULL REFERENCES flow_run (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    sender TEXT,
    at BIGINT NOT NULL,
    PRIMARY KEY (run_id, number)
);
CREATE UNIQUE INDEX run_input_key ON run_input (run_id, key);

-- Values that are set while things run: variables beside those of the manifest (kind 'variable'), and the fields of
-- blocks that are no secrets (kind 'block.<type>'); and what people said of what needs attention (kind 'attention', by the
-- cause's id), and views of the list of runs that they share (kind 'view', by id).
CREATE TABLE stored_value (
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    tags TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (project, environment, kind, name)
);

-- What flows and others told that happened. `seq` ascends in the order of commits; telling an id twice tells it once.
CREATE TABLE emitted_event (
    id TEXT NOT NULL PRIMARY KEY,
    seq BIGINT NOT NULL UNIQUE,
    project TEXT NOT NULL,
    environment TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    run_id TEXT,
    occurred_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL
);

-- The release from which on a deployment was declared as it is; what was deployed before this schema counts from its own.
ALTER TABLE object ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
UPDATE object SET since = release;
