"""On what do the tests of cookies run? A pool and its app client."""


class Pool:
    """A pool as far as cookies go."""

    pool_id = "us-east-1_AbCdEfGhI"
