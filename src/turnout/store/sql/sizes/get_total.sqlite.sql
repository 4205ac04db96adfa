-- Bytes of the database file, and those of them that are free to be used again.
SELECT p.page_count * s.page_size, f.freelist_count * s.page_size
FROM pragma_page_count AS p CROSS JOIN pragma_page_size AS s CROSS JOIN pragma_freelist_count AS f
