-- Remember the newest request of a worker.
UPDATE worker SET session = :session, turn = :turn, past_sessions = :past
WHERE id = :id
