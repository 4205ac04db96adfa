-- Bytes of each table and its indexes.
SELECT s.tbl_name, sum(b.pgsize) FROM dbstat AS b JOIN sqlite_master AS s ON s.name = b.name
WHERE b.aggregate = 1
GROUP BY s.tbl_name
