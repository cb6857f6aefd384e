-- What tokens may be meant for: the APIs of a pool, each with the scopes that it tells apart, in JSON.
CREATE TABLE IF NOT EXISTS resource_servers (
    pool_id    text COLLATE "C" NOT NULL,
    identifier text COLLATE "C" NOT NULL,
    name       text   NOT NULL,
    scopes     text   NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (pool_id, identifier)
);

-- By which names a pool's pages are reached: prefixes and host names. The directory leads from a name to its pool.
CREATE TABLE IF NOT EXISTS pool_domains (
    pool_id    text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    kind       text   NOT NULL,
    settings   text   NOT NULL,
    version    bigint NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (pool_id, name)
);
