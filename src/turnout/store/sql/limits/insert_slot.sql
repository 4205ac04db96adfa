-- Take a slot, or take over what an earlier attempt of the run left behind; one that this attempt has may get heavier.
INSERT INTO slot (project, environment, kind, name, run_id, holder, attempt, weight, taken_at)
VALUES (:project, :environment, :kind, :name, :run_id, :holder, :attempt, :weight, :taken_at)
ON CONFLICT (project, environment, kind, name, run_id, holder) DO UPDATE SET attempt = excluded.attempt,
    weight = excluded.weight, taken_at = excluded.taken_at
WHERE slot.attempt <> excluded.attempt OR slot.weight < excluded.weight
