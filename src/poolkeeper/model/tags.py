"""Which tags may a resource have? The rules for keys and for how many there are."""

from collections import Counter
from collections.abc import Mapping

MOST_TAGS = 50


def tags_fault(tags: Mapping[str, str]) -> str | None:
    """Return what is wrong with all the tags of one resource, or None (AWS: TagResource; General Reference, tags)."""
    # UNVERIFIED: all sentences, and that AWS refuses keys that differ in case alone, which its policies cannot tell apart (IAM
    # User Guide, aws:ResourceTag); fifty-one tags, a key that begins with `aws:`, and `team` beside `Team` would settle them.
    if len(tags) > MOST_TAGS:
        return f"A resource can have {MOST_TAGS} tags at the most."
    reserved = sorted(key for key in tags if key.lower().startswith("aws:"))
    if reserved:
        return f"Tag keys that begin with aws: are reserved: {reserved[0]}"
    # Folded as policies fold the names of their condition keys: of two, one would decide for both.
    counts = Counter(key.lower() for key in tags)
    twice = sorted(key for key in tags if counts[key.lower()] > 1)
    return f"Tag keys that differ in case alone are one to policies: {', '.join(twice)}" if twice else None
