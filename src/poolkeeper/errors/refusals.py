"""Why is a caller refused? For a Reason: a word for the operator's log, and AWS's error with its message for the caller.

Many reasons share a message on purpose: an attacker learns nothing from it, but the operator must be able to tell the reasons
apart. A reason is a word of a log line, never in an answer and never a label of a metric. Code that catches an error tells
reasons apart by its `reason`, never by its texts.
"""

from enum import Enum
from typing import Any

from poolkeeper.errors.base import ServiceError
from poolkeeper.errors.generated import (
    CodeMismatchException,
    ExpiredCodeException,
    LimitExceededException,
    NotAuthorizedException,
    PasswordResetRequiredException,
    TooManyRequestsException,
    UserNotConfirmedException,
    UserNotFoundException,
)


class UnprovedKey(NotAuthorizedException):
    """Raised where a request must prove a key of its sender, and has no proof or an old one (RFC 9449)."""


_INCORRECT = "Incorrect username or password."
_SESSION = "Invalid session for the user."
_SESSION_EXPIRED = "Invalid session for the user, session is expired."
_SESSION_USED = "Invalid session for the user, session can only be used once."
_LOCKED = "Password attempts exceeded"
_ACCESS_TOKEN = "Invalid Access Token"  # noqa: S105 - a sentence
_ACCESS_REVOKED = "Access Token has been revoked"
_REFRESH_TOKEN = "Invalid Refresh Token."  # noqa: S105 - a sentence
_REFRESH_REVOKED = "Refresh Token has been revoked"
_DISABLED = "User is disabled."
_NO_USER = "User does not exist."
# UNVERIFIED: the words; one sign-in that threat protection blocks would settle them (identity-security.md 4.1).
_KEPT_OUT = "Unable to login because of security reasons."
_BAD_SECRET = "Unable to verify secret for client {client_id}"  # noqa: S105 - a sentence
_NOT_RESETTABLE = "User password cannot be reset in the current state."
_STATUS = "User cannot be confirmed. Current status is {status}"
_NO_MATCH = "Logins don't match. Please include at least one valid login for this identity or identity pool."
_NO_GUESTS = "Unauthenticated access is not supported for this identity pool."
_ONCE_MORE = "Invalid code provided, please request a code again."


class Reason(Enum):
    """A word for the log, the error and its message; the caller of `refused` fills in the `{...}` of the message."""

    def __init__(self, word: str, error: type[ServiceError], sentence: str) -> None:
        self.word = word
        self.error = error
        self.sentence = sentence

    # A first proof that fails (userpools.md 3.2, 3.3)
    NO_SUCH_USER = "no-such-user", NotAuthorizedException, _INCORRECT
    NO_PASSWORD = "no-password", NotAuthorizedException, _INCORRECT
    WRONG_PASSWORD = "wrong-password", NotAuthorizedException, _INCORRECT
    HASH_IMPORTED = "hash-imported", NotAuthorizedException, _INCORRECT
    PASSWORD_TOO_LONG = "password-too-long", NotAuthorizedException, _INCORRECT
    PASSWORD_EXPIRED = (
        "temporary-password-expired",
        NotAuthorizedException,
        "Temporary password has expired and must be reset by an administrator.",
    )
    WRONG_DEVICE = "wrong-device-proof", NotAuthorizedException, _INCORRECT
    DEVICE_OUT_OF_PLACE = "device-out-of-place", NotAuthorizedException, _INCORRECT
    ANOTHERS_BLOCK = "srp-exchange-of-another-user", NotAuthorizedException, _INCORRECT
    DEVICE_BLOCK = "srp-exchange-of-a-device", NotAuthorizedException, _INCORRECT
    FOREIGN_BLOCK = "srp-exchange-not-ours", NotAuthorizedException, _INCORRECT
    BAD_TIMESTAMP = "srp-timestamp-unreadable", NotAuthorizedException, _INCORRECT
    BAD_SIGNATURE = "srp-signature-unreadable", NotAuthorizedException, _INCORRECT
    ANOTHERS_PASSKEY = "passkey-of-another-user", NotAuthorizedException, _INCORRECT
    WRONG_USER_HANDLE = "passkey-made-for-another-user", NotAuthorizedException, _INCORRECT
    PASSKEY_CHANGED = "passkey-changed-meanwhile", NotAuthorizedException, _INCORRECT
    BAD_PASSKEY = "passkey-not-valid", NotAuthorizedException, _INCORRECT
    PASSKEYS_OFF = "passkeys-not-allowed", NotAuthorizedException, _INCORRECT
    PASSKEY_ALONE = "passkey-alone-where-two-factors-are-asked-for", NotAuthorizedException, _INCORRECT
    CHALLENGE_FAILED = "custom-challenge-failed", NotAuthorizedException, _INCORRECT
    CHALLENGE_OF_NOBODY = "custom-challenge-of-nobody", NotAuthorizedException, _INCORRECT
    LOCKED = "locked", NotAuthorizedException, _LOCKED
    NETWORK_FULL = "network-has-no-room-for-another-name", NotAuthorizedException, _LOCKED

    # Threat protection (identity-security.md 4.1)
    KEPT_OUT = "kept-out-as-risky", NotAuthorizedException, _KEPT_OUT
    KEPT_OUT_RIGHT = "kept-out-by-risk-with-a-right-proof", NotAuthorizedException, _KEPT_OUT

    # The gate (userpools.md 3.2, 3.8)
    USER_DISABLED = "user-disabled", NotAuthorizedException, _DISABLED
    USER_UNCONFIRMED = "user-not-confirmed", UserNotConfirmedException, "User is not confirmed."
    RESET_REQUIRED = "reset-required", PasswordResetRequiredException, "Password reset required for the user"
    PASSWORD_KNOWN = (
        "password-known-from-breaches",
        PasswordResetRequiredException,
        "Password reset required for the user",
    )
    EXTERNAL_USER = "user-of-an-identity-provider", NotAuthorizedException, _INCORRECT
    USER_GONE = "user-gone-meanwhile", NotAuthorizedException, _INCORRECT
    CREDENTIAL_CHANGED = "credential-changed-meanwhile", NotAuthorizedException, _INCORRECT
    STATUS_CHANGED = "status-changed-meanwhile", NotAuthorizedException, _INCORRECT
    NOT_ADMITTED = "admission-out-of-date", NotAuthorizedException, _INCORRECT
    FACTOR_MISSING = "second-factor-missing", NotAuthorizedException, _INCORRECT
    LEVEL_MISSING = "level-not-reached", NotAuthorizedException, _INCORRECT
    LEVEL_OUT_OF_REACH = "level-out-of-reach", NotAuthorizedException, _INCORRECT
    PASSWORD_TEMPORARY = "temporary-password-not-changed", NotAuthorizedException, _INCORRECT
    CHALLENGES_OPEN = "custom-challenges-not-ended", NotAuthorizedException, _INCORRECT
    LINK_GONE = "provider-or-link-gone-meanwhile", NotAuthorizedException, _INCORRECT
    BROWSER_ENDED = "browser-session-ended-meanwhile", NotAuthorizedException, _INCORRECT
    PROOF_TOO_OLD = (
        "proof-too-old-for-mfa-change",
        NotAuthorizedException,
        "Sign in again with a second factor before you change how you are asked for one.",
    )

    # A Session, the state of a sign-in under way (attacks.md 6)
    SESSION_UNREADABLE = "session-unreadable", NotAuthorizedException, _SESSION
    SESSION_OF_ANOTHER_STEP = "session-of-another-step-or-client", NotAuthorizedException, _SESSION
    SESSION_OF_ANOTHER_DOOR = "session-of-another-door", NotAuthorizedException, _SESSION
    SESSION_OF_ANOTHER_USER = "session-of-another-user", NotAuthorizedException, _SESSION
    SESSION_BEFORE_CHANGE = "session-from-before-another-password", NotAuthorizedException, _SESSION
    SESSION_WITHOUT_PROOF = "session-without-a-proof", NotAuthorizedException, _SESSION
    SESSION_NOT_ASKED = "session-of-a-step-nobody-asks-for", NotAuthorizedException, _SESSION
    SESSION_OF_SIGN_UP = "session-of-no-sign-up", NotAuthorizedException, _SESSION
    SESSION_EXPIRED = "session-expired", NotAuthorizedException, _SESSION_EXPIRED
    SESSION_OUTDATED = "session-of-an-older-poolkeeper", NotAuthorizedException, _SESSION_EXPIRED
    SESSION_RESTORED = "session-from-before-a-restore", NotAuthorizedException, _SESSION_EXPIRED
    SESSION_OF_OLD_CLIENT = "session-from-before-the-client", NotAuthorizedException, _SESSION_EXPIRED
    CONVERSATION_ENDED = "conversation-ended", NotAuthorizedException, _SESSION_EXPIRED
    SESSION_USED = "session-used", NotAuthorizedException, _SESSION_USED

    # Tokens (userpools.md 5, 6)
    TOKEN_UNREADABLE = "token-unreadable", NotAuthorizedException, _ACCESS_TOKEN
    TOKEN_UNSIGNED = "token-signature", NotAuthorizedException, _ACCESS_TOKEN
    TOKEN_OF_NO_POOL = "token-of-no-pool", NotAuthorizedException, _ACCESS_TOKEN
    TOKEN_OF_ANOTHER_POOL = "token-of-another-pool", NotAuthorizedException, _ACCESS_TOKEN
    TOKEN_OF_ANOTHER_USE = "token-for-another-use", NotAuthorizedException, _ACCESS_TOKEN
    TOKEN_OF_ANOTHER_ISSUER = "token-of-another-issuer-form", NotAuthorizedException, _ACCESS_TOKEN
    TOKEN_OF_ANOTHER_SESSION = "token-of-another-session", NotAuthorizedException, _ACCESS_TOKEN
    TOKEN_OF_ANOTHER_USER = (
        "token-of-another-user",
        NotAuthorizedException,
        "The access token does not belong to the user",
    )
    TOKEN_EXPIRED = "token-expired", NotAuthorizedException, "Access Token has expired"
    TOKEN_REVOKED = "token-revoked", NotAuthorizedException, _ACCESS_REVOKED
    # UNVERIFIED: the words; GetDerivedToken with an expired token of a provider would settle them.
    PROVIDER_TOKEN = "provider-token-refused", NotAuthorizedException, "Invalid token of the identity provider."
    PROVIDER_AWAY = "provider-away", TooManyRequestsException, "The identity provider cannot be reached."
    # UNVERIFIED: that AWS makes no user for whoever never signed in; a first token of somebody's would settle it.
    PERSON_UNKNOWN = "person-of-provider-unknown", UserNotFoundException, _NO_USER
    ACTOR_NOT_ALLOWED = "actor-not-allowed", NotAuthorizedException, _ACCESS_TOKEN
    ACTORS_TOO_MANY = "actors-too-many", NotAuthorizedException, _ACCESS_TOKEN
    TOKEN_BOUND = "token-bound-to-a-key", UnprovedKey, _ACCESS_TOKEN
    TOKEN_OF_ANOTHER_KEY = "token-bound-to-another-key", NotAuthorizedException, _ACCESS_TOKEN
    KEY_NOT_SHOWN = "key-not-shown", UnprovedKey, "A DPoP proof is missing"
    KEY_PROOF_USED = "key-proof-used", UnprovedKey, "The DPoP proof was used before"
    ANOTHER_KEY = "bound-to-another-key", NotAuthorizedException, _REFRESH_TOKEN
    SCOPE_MISSING = "scope-missing", NotAuthorizedException, "Access Token does not have required scopes"
    REFRESH_UNREADABLE = "refresh-token-unreadable", NotAuthorizedException, _REFRESH_TOKEN
    REFRESH_OF_ANOTHER_CLIENT = "refresh-token-of-another-client", NotAuthorizedException, _REFRESH_TOKEN
    REFRESH_FROM_NOWHERE = "refresh-token-of-no-generation", NotAuthorizedException, _REFRESH_TOKEN
    REFRESH_WITHOUT_DEVICE = "refresh-without-its-device", NotAuthorizedException, _REFRESH_TOKEN
    REFRESH_EXPIRED = "refresh-token-expired", NotAuthorizedException, "Refresh Token has expired"
    REFRESH_REVOKED = "refresh-token-revoked", NotAuthorizedException, _REFRESH_REVOKED
    REFRESH_REUSED = "refresh-token-reused", NotAuthorizedException, _REFRESH_REVOKED
    REFRESH_OVERTAKEN = "session-ended-meanwhile", NotAuthorizedException, _REFRESH_REVOKED
    REFRESH_OF_TEMPORARY = "password-made-temporary", NotAuthorizedException, _REFRESH_REVOKED

    # App clients (userpools.md 1.3)
    CLIENT_SECRET = "client-secret", NotAuthorizedException, _BAD_SECRET
    SECRET_HASH_MISSING = (
        "secret-hash-missing",
        NotAuthorizedException,
        "Client {client_id} is configured with secret but SECRET_HASH was not received",
    )
    SECRET_HASH = "secret-hash-wrong", NotAuthorizedException, "{sentence}"
    ATTRIBUTE_NOT_WRITABLE = (
        "attribute-not-writable",
        NotAuthorizedException,
        "A client attempted to write unauthorized attribute",
    )
    ATTRIBUTE_GIVEN = "attribute-given-already", NotAuthorizedException, "Cannot modify an already provided {name}"
    PROVIDER_NOT_SERVED = (
        "provider-not-served",
        NotAuthorizedException,
        "{provider} is not enabled for the client.",
    )

    # Users, their codes and addresses (userpools.md 2, 7)
    UNKNOWN_USER = "user-unknown", UserNotFoundException, _NO_USER
    UNKNOWN_RECIPIENT = (
        "unknown-user-or-client",
        UserNotFoundException,
        "Username/client id combination not found.",
    )
    LINKED_USER_GONE = "linked-user-gone", NotAuthorizedException, _NO_USER
    SIGN_UP_CLOSED = "sign-up-closed", NotAuthorizedException, "SignUp is not permitted for this user pool"
    NOT_CONFIRMABLE = "status-not-confirmable", NotAuthorizedException, _STATUS
    RESET_BY_ADMIN_ONLY = (
        "recovery-by-administrator-only",
        NotAuthorizedException,
        "Contact administrator to reset password.",
    )
    NOT_RESETTABLE = "status-not-resettable", NotAuthorizedException, _NOT_RESETTABLE
    CODE_WRONG = "code-wrong", CodeMismatchException, "Invalid code or auth state for the user."
    CODE_GONE = "code-gone", ExpiredCodeException, _ONCE_MORE
    VERIFICATION_CODE_WRONG = (
        "verification-code-wrong",
        CodeMismatchException,
        "Invalid verification code provided, please try again.",
    )
    VERIFICATION_CODE_GONE = "verification-code-gone", ExpiredCodeException, _ONCE_MORE
    APP_CODE_WRONG = "app-code-wrong", CodeMismatchException, "Invalid code received for user"
    APP_CODE_USED = "app-code-used", ExpiredCodeException, "Your software token has already been used once."
    TOO_MANY_ATTEMPTS = (
        "too-many-of-an-hour",
        LimitExceededException,
        "Attempt limit exceeded, please try after some time.",
    )
    TOO_MANY_MESSAGES = "budget-of-messages-spent", TooManyRequestsException, "Too many requests"
    TOO_MANY_CONVERSATIONS = "too-many-conversations", TooManyRequestsException, "Too many requests"
    TOO_MANY_RETURNS = "too-many-returns-from-providers", TooManyRequestsException, "Too many requests"
    TOO_MANY_SIGN_UPS = "too-many-sign-ups", TooManyRequestsException, "Too many requests"

    # UNVERIFIED: error and words; UpdateAuthEventFeedback with another event's token would settle them.
    FEEDBACK_TOKEN = "feedback-token", NotAuthorizedException, "Invalid feedback token."

    # Identity pools (identity-security.md 1.2)
    LOGIN_NOT_TAKEN = "login-not-taken", NotAuthorizedException, "Invalid login token. {sentence}"
    LOGIN_UNSUPPORTED = (
        "login-of-no-provider",
        NotAuthorizedException,
        "Token is not from a supported provider of this identity pool.",
    )
    NO_PROVIDERS = "pool-without-providers", NotAuthorizedException, _NO_MATCH
    NOT_ITS_LOGIN = "login-of-another-identity", NotAuthorizedException, _NO_MATCH
    NO_GUESTS = "no-guests", NotAuthorizedException, _NO_GUESTS
    NOT_THEIR_IDENTITY = (
        "identity-of-somebody-else",
        NotAuthorizedException,
        "Access to Identity '{identity_id}' is forbidden.",
    )
    # UNVERIFIED: the words; a login that no rule fits, where AmbiguousRoleResolution is Deny, would settle them.
    NO_ROLE = "no-role", NotAuthorizedException, "No role is available for this login."
    # UNVERIFIED: the words; an STS behind AWS that refuses the claims of a token would settle them.
    CLAIMS_REFUSED = "broker-refused", NotAuthorizedException, "Access to the role is refused for this identity."
    SEVERAL_LOGINS = (
        "several-logins",
        NotAuthorizedException,
        "Please provide a single login with the token of this identity pool.",
    )
    TAG_VALUE = (
        "principal-tag-value",
        NotAuthorizedException,
        "The claim that is mapped to the principal tag {key} is no valid tag value.",
    )
    TAGS_TOO_LARGE = (
        "principal-tags-too-large",
        NotAuthorizedException,
        "The claims that are mapped to principal tags exceed {most} bytes.",
    )


# Nothing more is tried for a name, or by a network.
CLOSED = frozenset({Reason.LOCKED, Reason.NETWORK_FULL})
# Threat protection lets nobody in, whether or not the proof was right.
TOO_RISKY = frozenset({Reason.KEPT_OUT, Reason.KEPT_OUT_RIGHT})
# The Session is of no use any more: only another sign-in helps.
SESSION_LOST = frozenset(reason for reason in Reason if reason.sentence in {_SESSION, _SESSION_EXPIRED, _SESSION_USED})


def refused(reason: Reason, detail: str | None = None, **words: Any) -> ServiceError:
    """Return the error for a reason: AWS's error with its message, the reason itself, and both its word and `detail` for the log.

    `words` fill in the message. Raises KeyError where a word is missing.
    """
    log_detail = reason.word if detail is None else f"{reason.word}: {detail}"
    error = reason.error(reason.sentence.format(**words) if words else reason.sentence, detail=log_detail)
    error.reason = reason
    return error
