-- What users of pools with threat protection did: sign-ins and the like, each a row by its time and its id. The row at the time
-- 0 is what the good ones taught, a profile in `document`; of the others that is what was seen and judged, in JSON, and
-- `feedback` what somebody said of it. Both are written by one statement. Of nobody there is one row, at 0, for an hour.
CREATE TABLE IF NOT EXISTS auth_history (
    pool_id    text COLLATE "C" NOT NULL,
    user_id    text COLLATE "C" NOT NULL,
    at         bigint NOT NULL,
    event_id   text COLLATE "C" NOT NULL,
    kind       text   NOT NULL,
    outcome    text   NOT NULL,
    challenges text   NOT NULL,
    document   bytea,
    feedback   text,
    expires_at bigint NOT NULL,
    PRIMARY KEY (pool_id, user_id, at, event_id)
);

CREATE INDEX IF NOT EXISTS auth_history_by_expiry ON auth_history (pool_id, expires_at);
