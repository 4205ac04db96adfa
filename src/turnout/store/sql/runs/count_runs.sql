-- How many runs whose ids a search found are in each state.
SELECT f.state, count(*) FROM flow_run AS f
WHERE f.id IN (SELECT found.id FROM ({search}) AS found)
GROUP BY f.state
