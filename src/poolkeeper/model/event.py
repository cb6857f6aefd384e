"""What is an event? A fact about a user that an operator wants to hear of, after it has come to stand."""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What happened. Names are for good: whoever watches the log counts by them (docs/events.md)."""

    MFA_TURNED_OFF = "MfaTurnedOff"
    SOFTWARE_TOKEN_REPLACED = "SoftwareTokenReplaced"  # noqa: S105 - the name of an event
    ALIAS_TAKEN = "AliasTaken"
    TEXT_MESSAGE_REFUSED = "TextMessageRefused"


MEANINGS = {
    Kind.MFA_TURNED_OFF: "Second factors of a user were turned off: `methods`, and `by` whom (user, administrator).",
    Kind.SOFTWARE_TOKEN_REPLACED: "A user's authenticator app was replaced by another, on the strength of an access token.",
    Kind.ALIAS_TAKEN: "A verified `attribute` signs in another user now (`to`); this one's is no longer verified.",
    Kind.TEXT_MESSAGE_REFUSED: "A text message was not sent: `budget` says which is used up (number, pool, prefix).",
}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One fact. `user_id` is the sub, empty where nobody's; `about` says the rest, never a name, an address or a secret."""

    kind: Kind
    pool_id: str
    user_id: str = ""
    about: dict[str, str] = {}
