-- Remember how far a stream was stored; its header stays.
INSERT INTO journal_stream (run_id, attempt, stream, acked, ended, header, stored_at)
VALUES (:run_id, :attempt, :stream, :acked, :ended, :header, :stored_at)
ON CONFLICT (run_id, attempt, stream) DO UPDATE SET acked = excluded.acked, stored_at = excluded.stored_at,
    ended = greatest(journal_stream.ended, excluded.ended), header = coalesce(excluded.header, journal_stream.header)
