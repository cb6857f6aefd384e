-- How many requests a second of a category this installation takes, where it is not the free rate.
CREATE TABLE IF NOT EXISTS provisioned_limits (
    category text COLLATE "C" NOT NULL,
    rate     bigint NOT NULL,
    PRIMARY KEY (category)
);
