-- Announce a committed fact.
INSERT INTO outbox (at, kind, run_id, payload)
VALUES (:at, :kind, :run_id, :payload)
