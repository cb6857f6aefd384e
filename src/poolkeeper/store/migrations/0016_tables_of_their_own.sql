-- What lay in tables of other things gets tables of its own. What lives for an hour at most begins empty; device keys that are
-- used up are copied (store/used_device_keys.py). The rows that were left behind go two versions later, if they have not expired.

-- What a browser is to answer with a new passkey: the newest challenge of a user, as its digest. With another credential than that
-- of `credential_version` it is worth nothing.
CREATE TABLE IF NOT EXISTS passkey_challenges (
    pool_id            text COLLATE "C" NOT NULL,
    user_id            text COLLATE "C" NOT NULL,
    digest             bytea  NOT NULL,
    client_id          text   NOT NULL,
    credential_version bigint NOT NULL,
    expires_at         bigint NOT NULL,
    PRIMARY KEY (pool_id, user_id)
);

CREATE INDEX IF NOT EXISTS passkey_challenges_by_expiry ON passkey_challenges (pool_id, expires_at);

-- Keys of devices that were confirmed or forgotten: none is confirmed again.
CREATE TABLE IF NOT EXISTS used_device_keys (
    pool_id    text COLLATE "C" NOT NULL,
    device_key text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (pool_id, device_key)
);

CREATE INDEX IF NOT EXISTS used_device_keys_by_expiry ON used_device_keys (pool_id, expires_at);

-- What goes out within the hour: text messages of a pool (no user), notices to a user. `minutes` are (minute, count) in JSON.
CREATE TABLE IF NOT EXISTS message_budgets (
    pool_id    text COLLATE "C" NOT NULL,
    user_id    text COLLATE "C" NOT NULL,
    budget     text COLLATE "C" NOT NULL,
    minutes    text   NOT NULL,
    version    bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (pool_id, user_id, budget)
);

CREATE INDEX IF NOT EXISTS message_budgets_by_expiry ON message_budgets (pool_id, expires_at);

-- Sessions of a device's challenge, kept for clients that do not send them back. `document` is sealed.
CREATE TABLE IF NOT EXISTS device_sessions (
    pool_id    text COLLATE "C" NOT NULL,
    user_id    text COLLATE "C" NOT NULL,
    kept_id    text COLLATE "C" NOT NULL,
    document   bytea  NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (pool_id, user_id, kept_id)
);

CREATE INDEX IF NOT EXISTS device_sessions_by_expiry ON device_sessions (pool_id, expires_at);
