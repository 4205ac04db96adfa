-- A task waits for a slot; asking again keeps its place.
INSERT INTO slot_waiter (project, environment, name, run_id, holder, attempt, weight, priority, asked_at, until)
VALUES (:project, :environment, :name, :run_id, :holder, :attempt, :weight, :priority, :asked_at, :until)
ON CONFLICT (project, environment, name, run_id, holder) DO UPDATE SET attempt = excluded.attempt,
    weight = excluded.weight, until = excluded.until
