-- Limits of a project, each with what is held of it and when its rate lets the next one through.
SELECT l.environment, l.kind, l.name, l.concurrency, l.interval_micros, l.tags, l.users, r.next_at, CAST((
        SELECT coalesce(sum(s.weight), 0) FROM slot AS s
        JOIN flow_run AS f ON f.id = s.run_id AND f.attempt = s.attempt
            AND f.state IN ('pending', 'running', 'paused', 'cancelling')
        WHERE s.project = l.project AND s.environment = l.environment AND s.kind = l.kind AND s.name = l.name
    ) AS BIGINT) AS held
FROM run_limit AS l
LEFT JOIN limit_rate AS r
    ON r.project = l.project AND r.environment = l.environment AND r.kind = l.kind AND r.name = l.name
WHERE l.project = :project
ORDER BY l.environment, l.kind, l.name
