-- A schedule, or a whole deployment, is paused no more.
DELETE FROM pause
WHERE project = :project AND environment = :environment AND deployment = :deployment AND slug = :slug
