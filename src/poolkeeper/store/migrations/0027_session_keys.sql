-- The key that a refresh token of a session was bound to that began without one; null: none was.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS jkt text COLLATE "C";
