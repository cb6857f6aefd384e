-- Sign-ins of browsers, which the app clients of a pool may go on from. `digest` is that of the cookie's secret, `began` is
-- how the person signed in.
CREATE TABLE IF NOT EXISTS browser_sessions (
    pool_id            text COLLATE "C" NOT NULL,
    session_id         text COLLATE "C" NOT NULL,
    digest             text     NOT NULL,
    user_id            text COLLATE "C" NOT NULL,
    factors            text     NOT NULL,
    began              text     NOT NULL,
    auth_time          bigint   NOT NULL,
    credential_version bigint   NOT NULL,
    address            text     NOT NULL,
    user_agent         text     NOT NULL,
    opened_at          bigint   NOT NULL,
    seen_at            bigint   NOT NULL,
    expires_at         bigint   NOT NULL,
    revoked_at         bigint,
    PRIMARY KEY (pool_id, session_id)
);

CREATE INDEX IF NOT EXISTS browser_sessions_by_user ON browser_sessions (pool_id, user_id);

CREATE INDEX IF NOT EXISTS browser_sessions_by_expiry ON browser_sessions (pool_id, expires_at);

-- What an app exchanges for tokens. `code` is the digest of what it was given, `document` what the person was admitted with,
-- sealed; `session_id` is the session that was opened from it.
CREATE TABLE IF NOT EXISTS authorization_codes (
    pool_id            text COLLATE "C" NOT NULL,
    code               text COLLATE "C" NOT NULL,
    document           bytea    NOT NULL,
    user_id            text COLLATE "C" NOT NULL,
    browser_session_id text COLLATE "C" NOT NULL,
    expires_at         bigint   NOT NULL,
    spent_at           bigint,
    session_id         text COLLATE "C",
    PRIMARY KEY (pool_id, code)
);

CREATE INDEX IF NOT EXISTS authorization_codes_by_user ON authorization_codes (pool_id, user_id);

CREATE INDEX IF NOT EXISTS authorization_codes_by_expiry ON authorization_codes (pool_id, expires_at);

-- The resource that a session's access tokens are bound to (RFC 8707), empty for none.
ALTER TABLE sessions ADD COLUMN IF NOT EXISTS resource text;

CREATE INDEX IF NOT EXISTS sessions_by_browser ON sessions (pool_id, browser_session_id);
