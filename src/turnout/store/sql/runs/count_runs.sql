-- How many runs that a search found are in each state.
SELECT found.state, count(*) FROM ({search}) AS found
GROUP BY found.state
