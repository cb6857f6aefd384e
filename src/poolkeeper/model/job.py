"""Which kinds of work does the worker's due list hold? Their names, and the shard that each job is on."""

MESSAGE = "message"
DELETE_POOL = "delete_pool"
DELETE_GROUP = "delete_group"
DELETE_IDENTITY_POOL = "delete_identity_pool"
KEY_STOCK = "key_stock"
CLEANING = "cleaning"
IDLE_GUESTS = "idle_guests"
SAML_METADATA = "saml_metadata"
IMPORT = "import"
BACKCHANNEL_LOGOUT = "backchannel_logout"
SHARDS = 16


def shard_of(job_id: str) -> int:
    """Return the shard of the due list that a job is on."""
    return sum(job_id.encode()) % SHARDS
