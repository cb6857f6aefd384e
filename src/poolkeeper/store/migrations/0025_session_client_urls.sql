-- By which address the app of a session named itself; null: by the id of its app client.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS client_url text COLLATE "C";
