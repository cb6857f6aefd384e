-- Which addresses of a user (email, phone_number) are there by the user's own word: spaces between, null for none. Who is
-- not confirmed yet signed up with what they have.
ALTER TABLE users ADD COLUMN IF NOT EXISTS own_word text;

UPDATE users SET own_word = 'email phone_number' WHERE pool_id > '' AND status = 'UNCONFIRMED';
