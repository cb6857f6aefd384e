-- What is usual among everybody who signs in to watched pools: how often values came, by a keyed hash of each, in sixteen rows of
-- JSON. The row 16 has the key of the hash, sealed.
CREATE TABLE IF NOT EXISTS population (
    shard   smallint NOT NULL,
    version bigint   NOT NULL,
    counts  bytea    NOT NULL,
    PRIMARY KEY (shard)
);
