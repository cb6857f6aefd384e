-- What signing in needs beyond a password. bytea columns named secret, pending, verifier and document are sealed.

-- A user's second factors, as model/second_factor.py has them in JSON; null: none was ever set up.
ALTER TABLE users ADD COLUMN IF NOT EXISTS mfa text;

-- What a session was opened with, and where it was last seen: the last three are written in pools that track sessions.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS device_key text;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS factors text;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS acr text;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS seen_at bigint;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS address text;

ALTER TABLE sessions ADD COLUMN IF NOT EXISTS user_agent text;

-- TOTP. `pending` waits for its first code; `last_step` is the newest time step whose code was taken (RFC 6238).
CREATE TABLE IF NOT EXISTS software_tokens (
    pool_id       text COLLATE "C" NOT NULL,
    user_id       text COLLATE "C" NOT NULL,
    secret        bytea,
    pending       bytea,
    last_step     bigint NOT NULL,
    friendly_name text,
    version       bigint NOT NULL,
    created_at    bigint NOT NULL,
    PRIMARY KEY (pool_id, user_id)
);

-- Devices that were confirmed. `verifier` is the sealed SRP verifier of the device's own password.
CREATE TABLE IF NOT EXISTS devices (
    pool_id          text COLLATE "C" NOT NULL,
    user_id          text COLLATE "C" NOT NULL,
    device_key       text COLLATE "C" NOT NULL,
    name             text     NOT NULL,
    salt             bytea    NOT NULL,
    verifier         bytea    NOT NULL,
    remembered       smallint NOT NULL,
    address          text     NOT NULL,
    user_agent       text     NOT NULL,
    created_at       bigint   NOT NULL,
    updated_at       bigint   NOT NULL,
    authenticated_at bigint   NOT NULL,
    PRIMARY KEY (pool_id, user_id, device_key)
);

-- Passkeys. A credential belongs to one user of a pool; `details` is what the lists show of it, in JSON.
CREATE TABLE IF NOT EXISTS passkeys (
    pool_id       text COLLATE "C" NOT NULL,
    credential_id text COLLATE "C" NOT NULL,
    user_id       text COLLATE "C" NOT NULL,
    public_key    bytea  NOT NULL,
    sign_count    bigint NOT NULL,
    details       text   NOT NULL,
    created_at    bigint NOT NULL,
    PRIMARY KEY (pool_id, credential_id)
);

CREATE INDEX IF NOT EXISTS passkeys_by_user ON passkeys (pool_id, user_id, created_at);

-- CUSTOM_AUTH under way: the history and the private parameters of a conversation, which a Session names; and Sessions
-- that are kept for clients which do not send them back.
CREATE TABLE IF NOT EXISTS conversations (
    pool_id         text COLLATE "C" NOT NULL,
    conversation_id text COLLATE "C" NOT NULL,
    subject_id      text COLLATE "C" NOT NULL,
    document        bytea  NOT NULL,
    expires_at      bigint NOT NULL,
    PRIMARY KEY (pool_id, conversation_id)
);

CREATE INDEX IF NOT EXISTS conversations_by_expiry ON conversations (pool_id, expires_at);
