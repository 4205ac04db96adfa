-- One row an organiser and week: replies that a person has to answer count as conversations.
CREATE OR REPLACE TABLE conversation AS
SELECT date_trunc('week', day) AS week, organiser, count(*) AS conversations
FROM reply
WHERE wish <> 'opted out'
GROUP BY ALL;
