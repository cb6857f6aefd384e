-- When and in which region a session of a role last made a request, to within an hour; null: never, or before this version.
ALTER TABLE iam_entities ADD COLUMN IF NOT EXISTS last_used_at bigint;

ALTER TABLE iam_entities ADD COLUMN IF NOT EXISTS last_used_region text;
