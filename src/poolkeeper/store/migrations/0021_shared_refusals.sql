-- What processes tell each other of who was refused where threat protection looks: a sealed list of each moment, for an hour.
CREATE TABLE IF NOT EXISTS shared_refusals (
    shard    smallint NOT NULL,
    at       bigint   NOT NULL,
    writer   text COLLATE "C" NOT NULL,
    refusals bytea    NOT NULL,
    PRIMARY KEY (shard, at, writer)
);
