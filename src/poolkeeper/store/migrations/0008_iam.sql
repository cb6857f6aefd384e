-- Who may do what: users, groups, roles and policies of the account, as AWS's IAM has them. All of it is one account's and
-- small (thousands of rows, AWS's own quotas), so a key begins with what kind of thing a row is.

-- One row for each user, group, role and managed policy. Names are unique without regard to case (folded_name) and found
-- as they are written. What only roles have (trust_policy, max_session_seconds, issued_before), what only policies have
-- (default_version, newest_version) and what neither groups nor policies have (boundary_id) is null for the others.
CREATE TABLE IF NOT EXISTS iam_entities (
    kind                text COLLATE "C" NOT NULL,
    folded_name         text COLLATE "C" NOT NULL,
    name                text   NOT NULL,
    entity_id           text COLLATE "C" NOT NULL,
    path                text   NOT NULL,
    created_at          bigint NOT NULL,
    updated_at          bigint NOT NULL,
    tags                text   NOT NULL,
    description         text,
    trust_policy        text,
    max_session_seconds bigint,
    boundary_id         text COLLATE "C",
    -- Sessions of the role that were issued before this moment have ended; null: none were ended.
    issued_before       bigint,
    default_version     bigint,
    newest_version      bigint,
    PRIMARY KEY (kind, folded_name)
);

CREATE INDEX IF NOT EXISTS iam_entities_by_id ON iam_entities (kind, entity_id);

CREATE INDEX IF NOT EXISTS iam_entities_by_boundary ON iam_entities (kind, boundary_id);

CREATE TABLE IF NOT EXISTS iam_memberships (
    user_id  text COLLATE "C" NOT NULL,
    group_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (user_id, group_id)
);

CREATE TABLE IF NOT EXISTS iam_inline_policies (
    owner_id    text COLLATE "C" NOT NULL,
    policy_name text COLLATE "C" NOT NULL,
    document    text NOT NULL,
    PRIMARY KEY (owner_id, policy_name)
);

CREATE TABLE IF NOT EXISTS iam_policy_versions (
    policy_id  text COLLATE "C" NOT NULL,
    version    bigint NOT NULL,
    document   text   NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (policy_id, version)
);

-- A managed policy attached to a user, group or role. AWS's own policies have ids too, and no row of their own.
CREATE TABLE IF NOT EXISTS iam_attachments (
    owner_kind text COLLATE "C" NOT NULL,
    owner_id   text COLLATE "C" NOT NULL,
    policy_id  text COLLATE "C" NOT NULL,
    PRIMARY KEY (owner_kind, owner_id, policy_id)
);

CREATE INDEX IF NOT EXISTS iam_attachments_by_policy ON iam_attachments (owner_kind, policy_id);

-- OpenID Connect providers (name: the issuer without its scheme) and SAML providers. client_ids and thumbprints are JSON
-- lists of the former, metadata is the XML of the latter.
CREATE TABLE IF NOT EXISTS iam_providers (
    kind        text COLLATE "C" NOT NULL,
    name        text COLLATE "C" NOT NULL,
    provider_id text   NOT NULL,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    tags        text   NOT NULL,
    client_ids  text,
    thumbprints text,
    metadata    text,
    PRIMARY KEY (kind, name)
);

-- One row, which every change of all this adds 1 to before it does anything else: changes come one after the other, and
-- what was worked out from the rows holds for as long as the number does.
CREATE TABLE IF NOT EXISTS iam_changes (
    name   text COLLATE "C" NOT NULL,
    number bigint NOT NULL,
    PRIMARY KEY (name)
);

INSERT INTO iam_changes (name, number) VALUES ('account', 0) ON CONFLICT DO NOTHING;

-- The user whose key it is; null for a key of the account's root.
ALTER TABLE access_keys ADD COLUMN IF NOT EXISTS user_id text COLLATE "C";

ALTER TABLE access_keys ADD COLUMN IF NOT EXISTS last_used_at bigint;

ALTER TABLE access_keys ADD COLUMN IF NOT EXISTS last_used_service text;

ALTER TABLE access_keys ADD COLUMN IF NOT EXISTS last_used_region text;
