-- The client id metadata documents that were fetched, what is gone by of each as JSON, under the policy that let it in.
CREATE TABLE IF NOT EXISTS client_documents (
    pool_id    text   COLLATE "C" NOT NULL,
    url        text   COLLATE "C" NOT NULL,
    policy_id  text   COLLATE "C" NOT NULL,
    document   text   NOT NULL,
    cached_at  bigint NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (pool_id, url)
);

CREATE INDEX IF NOT EXISTS client_documents_by_policy ON client_documents (pool_id, policy_id, url);

CREATE INDEX IF NOT EXISTS client_documents_by_end ON client_documents (pool_id, expires_at);
