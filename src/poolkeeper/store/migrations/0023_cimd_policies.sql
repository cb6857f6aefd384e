-- Which addresses may name an app by a client id metadata document, and as which app client. url_patterns is JSON.
CREATE TABLE IF NOT EXISTS cimd_policies (
    pool_id        text   COLLATE "C" NOT NULL,
    policy_id      text   COLLATE "C" NOT NULL,
    client_id      text   COLLATE "C" NOT NULL,
    name           text   NOT NULL,
    url_patterns   text   NOT NULL,
    cache_duration bigint NOT NULL,
    version        bigint NOT NULL,
    created_at     bigint NOT NULL,
    updated_at     bigint NOT NULL,
    PRIMARY KEY (pool_id, policy_id)
);
