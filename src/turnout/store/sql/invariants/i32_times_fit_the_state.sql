-- A run's times do not fit its state.
-- This is a bug in Turnout: keep a copy of the database and report it.
SELECT id, state || ', started ' || coalesce(CAST(started_at AS TEXT), 'never') || ', ended '
    || coalesce(CAST(ended_at AS TEXT), 'never') AS detail
FROM flow_run
WHERE (ended_at IS NULL) = (state IN ('completed', 'failed', 'crashed', 'cancelled', 'skipped')) OR (started_at IS NULL AND state = 'running')
    OR (started_at IS NOT NULL AND state IN ('scheduled', 'pending')) OR ended_at < started_at
LIMIT :limit
