-- Credentials of an identity that were given before this millisecond hold no more; null: nobody has ended any.
ALTER TABLE identities ADD COLUMN IF NOT EXISTS issued_before bigint;
