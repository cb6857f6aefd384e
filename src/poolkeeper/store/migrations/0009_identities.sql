-- Identity pools, who is in them, and the keys of the issuer that vouches for them.

-- `document` are AWS's members of the pool, `roles` those of SetIdentityPoolRoles, `principal_tags` the maps by provider.
CREATE TABLE IF NOT EXISTS identity_pools (
    identity_pool_id text COLLATE "C" NOT NULL,
    region           text     NOT NULL,
    state            text     NOT NULL,
    version          bigint   NOT NULL,
    name             text     NOT NULL,
    document         text     NOT NULL,
    roles            text     NOT NULL,
    principal_tags   text     NOT NULL,
    tags             text     NOT NULL,
    created_at       bigint   NOT NULL,
    updated_at       bigint   NOT NULL,
    PRIMARY KEY (identity_pool_id)
);

-- An identity is a guest (1) until the first login is linked to it, and never again. One that was merged into another
-- names it and is disabled. `used_at` is when it was last used, to within a day.
CREATE TABLE IF NOT EXISTS identities (
    identity_pool_id text COLLATE "C" NOT NULL,
    identity_id      text COLLATE "C" NOT NULL,
    guest            smallint NOT NULL,
    merged_into      text,
    version          bigint   NOT NULL,
    created_at       bigint   NOT NULL,
    updated_at       bigint   NOT NULL,
    used_at          bigint   NOT NULL,
    PRIMARY KEY (identity_pool_id, identity_id)
);

-- Guests whom nobody has called for long are removed.
CREATE INDEX IF NOT EXISTS identities_by_use ON identities (identity_pool_id, guest, used_at);

-- A login is one subject at one provider: it is linked to one identity of a pool at the most.
CREATE TABLE IF NOT EXISTS logins (
    identity_pool_id text COLLATE "C" NOT NULL,
    provider         text COLLATE "C" NOT NULL,
    subject          text COLLATE "C" NOT NULL,
    identity_id      text COLLATE "C" NOT NULL,
    linked_at        bigint NOT NULL,
    PRIMARY KEY (identity_pool_id, provider, subject)
);

CREATE INDEX IF NOT EXISTS logins_by_identity ON logins (identity_pool_id, identity_id, provider);

-- What a back end calls its users, of a pool's one developer provider.
CREATE TABLE IF NOT EXISTS developer_links (
    identity_pool_id          text COLLATE "C" NOT NULL,
    developer_user_identifier text COLLATE "C" NOT NULL,
    identity_id               text COLLATE "C" NOT NULL,
    linked_at                 bigint NOT NULL,
    PRIMARY KEY (identity_pool_id, developer_user_identifier)
);

CREATE INDEX IF NOT EXISTS developer_links_by_identity
    ON developer_links (identity_pool_id, identity_id, developer_user_identifier);

-- Keys that sign the tokens of all identity pools: the newest whose `signs_from` has come. All are published.
CREATE TABLE IF NOT EXISTS identity_keys (
    shard       smallint NOT NULL,
    kid         text COLLATE "C" NOT NULL,
    private_key bytea    NOT NULL,
    certificate bytea    NOT NULL,
    signs_from  bigint   NOT NULL,
    PRIMARY KEY (shard, kid)
);
