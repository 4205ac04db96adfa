-- name: state-model
-- description: One row a state, from its counties.
-- connection: warehouse
-- export: states.csv

CREATE OR REPLACE TABLE state AS
SELECT state,
       count(*)       AS counties,
       sum(zip_codes) AS zip_codes
FROM county
GROUP BY state;

SELECT state, counties, zip_codes
FROM state
ORDER BY state;
