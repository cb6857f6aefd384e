-- What a service of breached passwords said of a user's password, by the version of the credential that it was; never of which.
CREATE TABLE IF NOT EXISTS password_findings (
    pool_id            text COLLATE "C" NOT NULL,
    user_id            text COLLATE "C" NOT NULL,
    credential_version bigint NOT NULL,
    compromised        bigint NOT NULL,
    asked_at           bigint NOT NULL,
    PRIMARY KEY (pool_id, user_id)
);
