-- Forget every session and stored token: some may have been revoked since the backup.
DELETE FROM credential
