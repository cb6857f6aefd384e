-- Regions in whose name a user pool of another region is answered for as well; tags are JSON.
CREATE TABLE IF NOT EXISTS pool_replicas (
    pool_id    text COLLATE "C" NOT NULL,
    region     text COLLATE "C" NOT NULL,
    status     text   NOT NULL,
    tags       text   NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (pool_id, region)
);
