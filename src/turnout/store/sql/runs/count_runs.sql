-- How many runs match a filter, by state.
SELECT state, count(*) FROM flow_run AS r
WHERE {where}
GROUP BY state
