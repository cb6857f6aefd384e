"""What is an event? A fact about a user that an operator wants to hear of, after it has come to stand."""

from enum import StrEnum

import msgspec


class Kind(StrEnum):
    """What happened. Names are for good: whoever watches the log counts by them (docs/events.md)."""

    MFA_TURNED_OFF = "MfaTurnedOff"
    MFA_LED_AWAY = "MfaLedAway"
    ADDRESS_MOVED = "AddressMoved"
    SOFTWARE_TOKEN_REPLACED = "SoftwareTokenReplaced"  # noqa: S105 - the name of an event
    ALIAS_TAKEN = "AliasTaken"
    TEXT_MESSAGE_REFUSED = "TextMessageRefused"
    CUSTOM_MESSAGE_FAILED = "CustomMessageFailed"
    MESSAGE_KEPT_BACK = "MessageKeptBack"
    CODES_REFUSED = "CodesRefused"
    MAIL_NOT_WRITTEN = "MailNotWritten"
    MESSAGE_NOT_DELIVERED = "MessageNotDelivered"
    COMPROMISED_PASSWORD = "CompromisedPassword"  # noqa: S105 - the name of an event


MEANINGS = {
    Kind.MFA_TURNED_OFF: (
        "A user can be asked for fewer second factors, whatever was done: `methods` are gone, `by` whom (user, administrator)."
    ),
    Kind.MFA_LED_AWAY: (
        "The codes of second factors of a user go to another address: `methods`, and `by` whom (user, administrator)."
    ),
    Kind.ADDRESS_MOVED: (
        "A proved address of a user is another one now, or none: `attribute`, and `by` whom (user, administrator)."
    ),
    Kind.SOFTWARE_TOKEN_REPLACED: "A user's authenticator app was replaced by another, on the strength of an access token.",
    Kind.ALIAS_TAKEN: "A verified `attribute` signs in another user now (`to`); this one's is no longer verified.",
    Kind.TEXT_MESSAGE_REFUSED: "A text message was not sent: `budget` says which is used up (number, pool, prefix).",
    Kind.CUSTOM_MESSAGE_FAILED: "A code that was asked for was not sent, since CustomMessage gave no words: the `kind` of "
    "message, the `error` (the log's warning says more), and whether it is asked `again` (yes, no). It comes after "
    "the answer, without a `client`.",
    Kind.MESSAGE_KEPT_BACK: (
        "A message of a kind (`message`) was not sent, and whoever asked for it was answered as if it had been: `budget` says which "
        "is used up (claim: of an address that nobody has proved, proved: of one that somebody has, network: of the client's)."
    ),
    Kind.CODES_REFUSED: (
        "Codes are refused for the rest of an hour, the right one too, after too many wrong ones: for one address (claim) "
        "or from one client network (network), as `budget` says."
    ),
    Kind.MAIL_NOT_WRITTEN: (
        "A mail of a kind (`message`) was not sent, and will not be: a `part` of it (sender, recipient, reply-to, subject, head) would have "
        "written into its head what is not ours."
    ),
    Kind.MESSAGE_NOT_DELIVERED: (
        "A message of a kind (`message`) was not delivered, and will not be: its `sender` (a table of poolkeeper.toml, or "
        "custom, none) and its `fate`: refused for good, given_up after the last try, expired before anybody took it. The "
        "log's warning says more."
    ),
    Kind.COMPROMISED_PASSWORD: (
        "A password was given that is known from breaches: `at` which event (SIGN_UP, PASSWORD_CHANGE, SIGN_IN), and whether it was "
        "`blocked` (yes, no): refused as a new one, or its user, where confirmed, made to choose another."
    ),
}


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One fact. `user_id` is the sub, empty where nobody's; `about` says the rest, never a name, an address or a secret."""

    kind: Kind
    pool_id: str
    user_id: str = ""
    about: dict[str, str] = {}
