-- Make a deployment what a release says it is; `since` is the release from which on it was declared like that.
INSERT INTO object (project, environment, kind, name, release, since, spec, concurrency_limit, last_automatic_start)
VALUES (:project, :environment, 'deployment', :name, :release, :release, :spec, :concurrency_limit, NULL)
ON CONFLICT (project, environment, kind, name) DO UPDATE SET release = excluded.release,
    since = CASE WHEN object.spec = excluded.spec THEN object.since ELSE excluded.release END,
    spec = excluded.spec, concurrency_limit = excluded.concurrency_limit
