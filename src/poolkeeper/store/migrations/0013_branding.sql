-- What the pages of a pool look like.

-- The classic look: of one app client, or of ALL that have none of their own. `css` is as it was given; `image` is the logo,
-- `format` its kind (PNG, JPEG).
CREATE TABLE IF NOT EXISTS ui_customizations (
    pool_id     text COLLATE "C" NOT NULL,
    client_id   text COLLATE "C" NOT NULL,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    css_version text,
    css         text,
    format      text,
    digest      text,
    image       bytea,
    PRIMARY KEY (pool_id, client_id)
);

-- The styles of managed login, one an app client at the most. `settings` is the document as it was given, JSON; null: AWS's.
CREATE TABLE IF NOT EXISTS brandings (
    pool_id     text COLLATE "C" NOT NULL,
    client_id   text COLLATE "C" NOT NULL,
    branding_id text COLLATE "C" NOT NULL,
    version     bigint NOT NULL,
    created_at  bigint NOT NULL,
    updated_at  bigint NOT NULL,
    settings    text,
    PRIMARY KEY (pool_id, client_id)
);

CREATE INDEX IF NOT EXISTS brandings_by_id ON brandings (pool_id, branding_id);

-- Their pictures: `given` as it came, `served` as pages get it, null where that is the same; `digest` is of what is served.
CREATE TABLE IF NOT EXISTS branding_assets (
    pool_id     text COLLATE "C" NOT NULL,
    branding_id text COLLATE "C" NOT NULL,
    category    text COLLATE "C" NOT NULL,
    color_mode  text COLLATE "C" NOT NULL,
    resource_id text COLLATE "C" NOT NULL,
    format      text NOT NULL,
    digest      text COLLATE "C" NOT NULL,
    given       bytea NOT NULL,
    served      bytea,
    PRIMARY KEY (pool_id, branding_id, category, color_mode, resource_id)
);

CREATE INDEX IF NOT EXISTS branding_assets_by_digest ON branding_assets (pool_id, branding_id, digest);
