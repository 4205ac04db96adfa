-- Take in an event, unless its id was told before.
INSERT INTO emitted_event (id, seq, project, environment, name, content, run_id, occurred_at, received_at)
VALUES (:id, (SELECT coalesce(max(seq), 0) + 1 FROM emitted_event), :project, :environment, :name, :content, :run_id,
    :occurred_at, :now)
ON CONFLICT DO NOTHING
