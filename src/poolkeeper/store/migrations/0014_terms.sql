-- What people agree to when they sign up at an app client: the terms of use, the privacy policy, each as links by language, in JSON.
CREATE TABLE IF NOT EXISTS terms (
    pool_id     text COLLATE "C" NOT NULL,
    client_id   text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    terms_id    text COLLATE "C" NOT NULL,
    source      text   NOT NULL,
    enforcement text   NOT NULL,
    links       text   NOT NULL,
    version     bigint NOT NULL,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    PRIMARY KEY (pool_id, client_id, name)
);

CREATE INDEX IF NOT EXISTS terms_by_id ON terms (pool_id, terms_id);
