-- Make a run findable by its tags.
INSERT INTO run_tag (tag, run_id)
SELECT value, :run_id FROM json_each(:tags)
