-- Imports of users from CSV files. A job's file is `upload` once it is whole, `uploading` while it comes: parts of 256 KiB,
-- sealed, so that any process can go on with it. How far a job has come is the byte and the number of the next row.
CREATE TABLE IF NOT EXISTS import_jobs (
    pool_id      text COLLATE "C" NOT NULL,
    job_id       text COLLATE "C" NOT NULL,
    name         text   NOT NULL,
    role_arn     text   NOT NULL,
    algorithm    text,
    status       text   NOT NULL,
    upload       text   NOT NULL,
    uploading    text   NOT NULL,
    row_count    bigint NOT NULL,
    header       text,
    next_byte    bigint NOT NULL,
    next_row     bigint NOT NULL,
    imported     bigint NOT NULL,
    skipped      bigint NOT NULL,
    failed       bigint NOT NULL,
    message      text,
    version      bigint NOT NULL,
    created_at   bigint NOT NULL,
    start_before bigint NOT NULL,
    started_at   bigint,
    completed_at bigint,
    PRIMARY KEY (pool_id, job_id)
);

CREATE TABLE IF NOT EXISTS import_parts (
    pool_id text COLLATE "C" NOT NULL,
    job_id  text COLLATE "C" NOT NULL,
    upload  text COLLATE "C" NOT NULL,
    number  bigint NOT NULL,
    payload bytea  NOT NULL,
    PRIMARY KEY (pool_id, job_id, upload, number)
);

-- Why rows were not imported, the first thousand of a job: never what stood in them.
CREATE TABLE IF NOT EXISTS import_faults (
    pool_id     text COLLATE "C" NOT NULL,
    job_id      text COLLATE "C" NOT NULL,
    row_number  bigint NOT NULL,
    column_name text   NOT NULL,
    reason      text   NOT NULL,
    PRIMARY KEY (pool_id, job_id, row_number)
);
