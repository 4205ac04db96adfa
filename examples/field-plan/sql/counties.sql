-- name: county-model
-- description: One row a county, with its ZIP codes and its centre.
-- connection: warehouse
-- parameter minimum_zip_codes: integer = 1

CREATE OR REPLACE TABLE county AS
SELECT state,
       county,
       count(*)       AS zip_codes,
       avg(latitude)  AS latitude,
       avg(longitude) AS longitude
FROM zip_code
WHERE county IS NOT NULL
GROUP BY state, county
HAVING count(*) >= $minimum_zip_codes;

SELECT state, county, zip_codes
FROM county
ORDER BY zip_codes DESC, state, county;
