"""Which tags may a resource have? The rules for keys and for how many there are."""

from collections.abc import Mapping

MOST_TAGS = 50


def tags_fault(tags: Mapping[str, str]) -> str | None:
    """Return what is wrong with all the tags of one resource, or None (AWS: TagResource; General Reference, tags)."""
    # UNVERIFIED: both sentences; fifty-one tags, and a key that begins with `aws:`, against AWS would settle them.
    if len(tags) > MOST_TAGS:
        return f"A user pool can have {MOST_TAGS} tags at the most."
    reserved = sorted(key for key in tags if key.lower().startswith("aws:"))
    return f"Tag keys that begin with aws: are reserved: {reserved[0]}" if reserved else None
