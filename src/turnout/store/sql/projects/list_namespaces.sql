-- Every project and environment that something was applied to.
SELECT DISTINCT project, environment FROM release
ORDER BY project, environment
