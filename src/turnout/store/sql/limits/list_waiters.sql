-- Tasks that wait and whose run goes on, in the order in which they are let through.
SELECT w.environment, w.name, w.run_id, w.holder, w.weight, w.priority, w.asked_at FROM slot_waiter AS w
JOIN flow_run AS f ON f.id = w.run_id AND f.attempt = w.attempt
    AND f.state IN ('pending', 'running', 'paused', 'cancelling')
WHERE w.project = :project AND w.until > :now
ORDER BY w.priority DESC, w.asked_at, w.run_id, w.holder
