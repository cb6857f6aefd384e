-- DCR: the app client registered itself; null: somebody made it, which AWS calls REGULAR.
ALTER TABLE clients ADD COLUMN IF NOT EXISTS client_type text COLLATE "C";
