-- Make a deployment what a release says it is.
INSERT INTO object (project, environment, kind, name, release, spec, concurrency_limit, last_automatic_start)
VALUES (:project, :environment, 'deployment', :name, :release, :spec, :concurrency_limit, NULL)
ON CONFLICT (project, environment, kind, name) DO UPDATE SET release = excluded.release, spec = excluded.spec,
    concurrency_limit = excluded.concurrency_limit
