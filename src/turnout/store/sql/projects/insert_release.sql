-- Add a release.
INSERT INTO release (project, environment, number, commit_id, author, message, bundle, applied_at, applied_by, summary,
    snapshot)
VALUES (:project, :environment, :number, :commit, :author, :message, :bundle, :applied_at, :applied_by, :summary,
    :snapshot)
