-- The identity providers of pools, who came from them, and what SAML needs.

-- `document` are details without secrets, the attribute mapping and the identifiers; `secrets` are sealed, JSON.
CREATE TABLE IF NOT EXISTS identity_providers (
    pool_id    text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    type       text   NOT NULL,
    version    bigint NOT NULL,
    document   text   NOT NULL,
    secrets    bytea  NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (pool_id, name)
);

-- Other names of a provider, each of one provider of a pool.
CREATE TABLE IF NOT EXISTS provider_identifiers (
    pool_id    text COLLATE "C" NOT NULL,
    identifier text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, identifier)
);

CREATE INDEX IF NOT EXISTS provider_identifiers_by_name ON provider_identifiers (pool_id, name);

-- What a SAML provider says of itself, as it was fetched last or handed in. `asked_at` is when it was last asked for.
CREATE TABLE IF NOT EXISTS provider_metadata (
    pool_id    text COLLATE "C" NOT NULL,
    name       text COLLATE "C" NOT NULL,
    entity_id  text   NOT NULL,
    document   text   NOT NULL,
    fetched_at bigint NOT NULL,
    asked_at   bigint NOT NULL,
    PRIMARY KEY (pool_id, name)
);

-- A subject at a provider is one user: by its id there (attribute Cognito_Subject), or, until it has signed in, by the
-- value of an attribute that the provider says of it.
CREATE TABLE IF NOT EXISTS provider_links (
    pool_id   text COLLATE "C" NOT NULL,
    provider  text COLLATE "C" NOT NULL,
    attribute text COLLATE "C" NOT NULL,
    value     text COLLATE "C" NOT NULL,
    user_id   text COLLATE "C" NOT NULL,
    linked_at bigint NOT NULL,
    PRIMARY KEY (pool_id, provider, attribute, value)
);

CREATE INDEX IF NOT EXISTS provider_links_by_user ON provider_links (pool_id, user_id, provider);

-- What a provider may bring once: assertions of SAML, and answers to one request of ours. `mark` is a digest.
CREATE TABLE IF NOT EXISTS provider_answers (
    pool_id    text COLLATE "C" NOT NULL,
    mark       text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL,
    PRIMARY KEY (pool_id, mark)
);

CREATE INDEX IF NOT EXISTS provider_answers_by_expiry ON provider_answers (pool_id, expires_at);

-- By which a pool signs what it says to SAML providers (no provider), and by which it reads what one of them encrypts.
CREATE TABLE IF NOT EXISTS saml_keys (
    pool_id     text COLLATE "C" NOT NULL,
    purpose     text COLLATE "C" NOT NULL,
    provider    text COLLATE "C" NOT NULL,
    private_key bytea  NOT NULL,
    certificate bytea  NOT NULL,
    created_at  bigint NOT NULL,
    PRIMARY KEY (pool_id, purpose, provider)
);

-- What the provider calls the session that a browser's sign-in came from (JSON), for a logout there; null: nothing.
ALTER TABLE browser_sessions ADD COLUMN IF NOT EXISTS provider_session text;
