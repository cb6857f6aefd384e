-- What was sent to a mailbox or a number within an hour, and how often its codes were guessed. `destination` is an HMAC of
-- the folded address; an hour begins with the first that is counted, and `expires_at` is its end.
CREATE TABLE IF NOT EXISTS destinations (
    pool_id     text COLLATE "C" NOT NULL,
    destination text COLLATE "C" NOT NULL,
    budget      text COLLATE "C" NOT NULL,
    counted     bigint NOT NULL,
    expires_at  bigint NOT NULL,
    PRIMARY KEY (pool_id, destination, budget)
);

CREATE INDEX IF NOT EXISTS destinations_by_expiry ON destinations (pool_id, expires_at);
