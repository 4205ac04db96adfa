-- Make a run findable by its tags.
INSERT INTO run_tag (tag, run_id)
SELECT value, CAST(:run_id AS TEXT) FROM json_array_elements_text(CAST(:tags AS json)) AS item (value)
