-- What a session was opened for, when, and by which sign-in of a browser; null: it was opened before these were kept, by
-- signing in at the API.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS scopes text;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS opened_at bigint;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS browser_session_id text COLLATE "C";
