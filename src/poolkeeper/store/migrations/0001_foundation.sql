-- The tables of the foundation. PostgreSQL's text; SQLite takes it through the closed list of store/dialect.py.
-- Times are milliseconds since the epoch. bytea columns named secret, private_key, srp_verifier and payload are sealed.

-- Which pool does a client id belong to? Unsigned calls bring nothing else.
CREATE TABLE IF NOT EXISTS directory (
    kind    text COLLATE "C" NOT NULL,
    value   text COLLATE "C" NOT NULL,
    pool_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (kind, value)
);

CREATE TABLE IF NOT EXISTS access_keys (
    access_key_id text COLLATE "C" NOT NULL,
    secret        bytea    NOT NULL,
    name          text     NOT NULL,
    enabled       smallint NOT NULL,
    root          smallint NOT NULL,
    created_at    bigint   NOT NULL,
    PRIMARY KEY (access_key_id)
);

-- Facts about this installation: a sealed probe that tells whether the ring of sealing keys is the right one.
CREATE TABLE IF NOT EXISTS server_facts (
    name  text COLLATE "C" NOT NULL,
    value bytea NOT NULL,
    PRIMARY KEY (name)
);

CREATE TABLE IF NOT EXISTS pools (
    pool_id     text COLLATE "C" NOT NULL,
    region      text     NOT NULL,
    state       text     NOT NULL,
    version     bigint   NOT NULL,
    name        text     NOT NULL,
    document    text     NOT NULL,
    preferences text     NOT NULL,
    secret      bytea    NOT NULL,
    created_at  bigint   NOT NULL,
    updated_at  bigint   NOT NULL,
    PRIMARY KEY (pool_id)
);

-- How many users a pool has, spread over shards so that no row is hot: approximate while changes are under way.
CREATE TABLE IF NOT EXISTS tallies (
    pool_id text COLLATE "C" NOT NULL,
    shard   smallint NOT NULL,
    users   bigint   NOT NULL,
    PRIMARY KEY (pool_id, shard)
);

CREATE TABLE IF NOT EXISTS signing_keys (
    pool_id     text COLLATE "C" NOT NULL,
    kid         text COLLATE "C" NOT NULL,
    purpose     text     NOT NULL,
    private_key bytea    NOT NULL,
    public_jwk  text     NOT NULL,
    created_at  bigint   NOT NULL,
    PRIMARY KEY (pool_id, kid)
);

-- Signing keys made ahead of need: 40 ms each that CreateUserPool does not wait for.
CREATE TABLE IF NOT EXISTS key_stock (
    shard       smallint NOT NULL,
    kid         text COLLATE "C" NOT NULL,
    private_key bytea    NOT NULL,
    public_jwk  text     NOT NULL,
    PRIMARY KEY (shard, kid)
);

CREATE TABLE IF NOT EXISTS clients (
    pool_id    text COLLATE "C" NOT NULL,
    client_id  text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    name       text   NOT NULL,
    document   text   NOT NULL,
    secret     bytea  NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (pool_id, client_id)
);

CREATE TABLE IF NOT EXISTS users (
    pool_id            text COLLATE "C" NOT NULL,
    user_id            text COLLATE "C" NOT NULL,
    username           text     NOT NULL,
    status             text COLLATE "C" NOT NULL,
    enabled            smallint NOT NULL,
    attributes         text     NOT NULL,
    password_hash      text,
    srp_salt           bytea,
    srp_verifier       bytea,
    password_set_at    bigint,
    credential_version bigint   NOT NULL,
    version            bigint   NOT NULL,
    created_at         bigint   NOT NULL,
    updated_at         bigint   NOT NULL,
    PRIMARY KEY (pool_id, user_id)
);

-- ListUsers looks for a status and for who is enabled here, so that no second row has to follow a change of either.
CREATE INDEX IF NOT EXISTS users_by_status ON users (pool_id, status, user_id);

CREATE INDEX IF NOT EXISTS users_by_enabled ON users (pool_id, enabled, user_id);

-- What else ListUsers can search: each attribute's folded value, cut at 256 characters since an index row has an end.
CREATE TABLE IF NOT EXISTS user_attributes (
    pool_id      text COLLATE "C" NOT NULL,
    attribute    text COLLATE "C" NOT NULL,
    folded_value text COLLATE "C" NOT NULL,
    user_id      text COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, attribute, folded_value, user_id)
);

CREATE TABLE IF NOT EXISTS groups (
    pool_id     text COLLATE "C" NOT NULL,
    group_name  text COLLATE "C" NOT NULL,
    group_id    text COLLATE "C" NOT NULL,
    description text,
    role_arn    text,
    precedence  bigint,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    PRIMARY KEY (pool_id, group_name)
);

CREATE INDEX IF NOT EXISTS groups_by_id ON groups (pool_id, group_id);

-- By id and not by name: when a group is deleted its members are out at once, and not in the next group of that name.
CREATE TABLE IF NOT EXISTS memberships (
    pool_id  text COLLATE "C" NOT NULL,
    user_id  text COLLATE "C" NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, user_id, group_id)
);

CREATE INDEX IF NOT EXISTS memberships_by_group ON memberships (pool_id, group_id, user_id);

-- The one namespace of sign-in names: usernames, subs and enabled sign-in attributes.
CREATE TABLE IF NOT EXISTS aliases (
    pool_id      text COLLATE "C" NOT NULL,
    folded_value text COLLATE "C" NOT NULL,
    kind         text   NOT NULL,
    user_id      text COLLATE "C" NOT NULL,
    claimed_at   bigint NOT NULL,
    PRIMARY KEY (pool_id, folded_value)
);

CREATE INDEX IF NOT EXISTS aliases_by_user ON aliases (pool_id, user_id);

-- The passwords before the present one, in pools that remember some: hashes, by the version of the credential.
CREATE TABLE IF NOT EXISTS password_history (
    pool_id            text COLLATE "C" NOT NULL,
    user_id            text COLLATE "C" NOT NULL,
    credential_version bigint NOT NULL,
    password_hash      text   NOT NULL,
    PRIMARY KEY (pool_id, user_id, credential_version)
);

-- Wrong proofs of a user or ghost. `bucket` is empty, or the key of a remembered device.
CREATE TABLE IF NOT EXISTS lockouts (
    pool_id         text COLLATE "C" NOT NULL,
    subject_id      text COLLATE "C" NOT NULL,
    bucket          text COLLATE "C" NOT NULL,
    failures        bigint NOT NULL,
    last_failure_at bigint NOT NULL,
    locked_until    bigint NOT NULL,
    expires_at      bigint NOT NULL,
    PRIMARY KEY (pool_id, subject_id, bucket)
);

CREATE INDEX IF NOT EXISTS lockouts_by_expiry ON lockouts (pool_id, expires_at);

-- What a user or ghost did within the last hour: the times of sends and of wrong codes, as a JSON list.
CREATE TABLE IF NOT EXISTS hourly (
    pool_id    text COLLATE "C" NOT NULL,
    subject_id text COLLATE "C" NOT NULL,
    purpose    text COLLATE "C" NOT NULL,
    times      text   NOT NULL,
    version    bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (pool_id, subject_id, purpose)
);

CREATE INDEX IF NOT EXISTS hourly_by_expiry ON hourly (pool_id, expires_at);

-- The newest code for each purpose. `destination` is the exact value that the code proves.
CREATE TABLE IF NOT EXISTS codes (
    pool_id     text COLLATE "C" NOT NULL,
    subject_id  text COLLATE "C" NOT NULL,
    purpose     text COLLATE "C" NOT NULL,
    digest      bytea  NOT NULL,
    attribute   text   NOT NULL,
    destination text   NOT NULL,
    created_at  bigint NOT NULL,
    expires_at  bigint NOT NULL,
    consumed_at bigint,
    PRIMARY KEY (pool_id, subject_id, purpose)
);

CREATE INDEX IF NOT EXISTS codes_by_expiry ON codes (pool_id, expires_at);

CREATE TABLE IF NOT EXISTS sessions (
    pool_id    text COLLATE "C" NOT NULL,
    session_id text COLLATE "C" NOT NULL,
    user_id    text COLLATE "C" NOT NULL,
    client_id  text COLLATE "C" NOT NULL,
    event_id   text   NOT NULL,
    auth_time  bigint NOT NULL,
    expires_at bigint NOT NULL,
    revoked_at bigint,
    generation bigint NOT NULL,
    rotated_at bigint,
    PRIMARY KEY (pool_id, session_id)
);

CREATE INDEX IF NOT EXISTS sessions_by_user ON sessions (pool_id, user_id);

CREATE INDEX IF NOT EXISTS sessions_by_expiry ON sessions (pool_id, expires_at);

-- Sealed challenge states that have been spent.
CREATE TABLE IF NOT EXISTS nonces (
    pool_id    text COLLATE "C" NOT NULL,
    nonce      text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (pool_id, nonce)
);

CREATE INDEX IF NOT EXISTS nonces_by_expiry ON nonces (pool_id, expires_at);

-- What the worker has to do: mail, clean-up, key stock. A job is claimed by one conditional UPDATE with a lease.
CREATE TABLE IF NOT EXISTS due (
    shard       smallint NOT NULL,
    job_id      text COLLATE "C" NOT NULL,
    kind        text     NOT NULL,
    pool_id     text     NOT NULL,
    due_at      bigint   NOT NULL,
    lease_until bigint   NOT NULL,
    attempts    bigint   NOT NULL,
    payload     bytea,
    created_at  bigint   NOT NULL,
    PRIMARY KEY (shard, job_id)
);

CREATE INDEX IF NOT EXISTS due_by_time ON due (shard, due_at);

-- Development mode keeps messages here instead of sending them.
CREATE TABLE IF NOT EXISTS captured (
    shard      smallint NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    at         bigint   NOT NULL,
    payload    bytea    NOT NULL,
    PRIMARY KEY (shard, message_id)
);
