"""What do log and metrics call what a page or an OAuth endpoint answers? `Success`, an exception of AWS's, or a code of these."""

from enum import StrEnum

PAGES, OAUTH = "pages", "oauth"

SUCCESS = "Success"
INVALID_REQUEST = "invalid_request"
SERVER_ERROR = "server_error"
UNAVAILABLE = "temporarily_unavailable"
TOO_OLD = "page_too_old"


class Fault(StrEnum):
    """Why nobody can sign in from here: a page from which no way leads on, with a row of words each."""

    REDIRECT_MISMATCH = "redirect_mismatch"
    UNKNOWN_CLIENT = "unknown_client"
    PARAMETERS_MISSING = "parameters_missing"
    STATE_TOO_LONG = "state_too_long"
    INVALID_REQUEST = "invalid_request"
    """What cannot be read: two values of one parameter, a NUL, bytes that are no UTF-8."""
    NOBODYS = "nobodys_place"
    """Nothing names a pool, or there is none of that name."""
    FORGED = "forged_form"
    """A form without the token that its page had; cookies may be off."""
    NOT_OPEN = "not_open"
    """A page that the pool does not offer, as sign-up where administrators make the accounts."""
    NO_PASSKEY = "no_passkey_here"
    """Somebody who is signed in asks for a passkey that the pool, or this address, does not take."""
    STRAY = "unknown_state"
    """Somebody comes from an identity provider who did not leave for it from this browser, too long ago, or came before."""
    FOREIGN_ANSWER = "foreign_answer"
    """The answer is another identity provider's than the one that somebody left for."""
    UNEXPECTED = "server_error"


NOBODYS = Fault.NOBODYS
# Of those who come back from identity providers.
STRAY, FOREIGN_ANSWER = Fault.STRAY, Fault.FOREIGN_ANSWER

# The errors of RFC 6749 sections 4.1.2.1 and 5.2, RFC 6750, RFC 7009, RFC 8707 and OpenID Connect Core 3.1.2.6.
_OF_OAUTH = frozenset(
    {
        *("access_denied", "invalid_client", "invalid_grant", INVALID_REQUEST, "invalid_scope", "invalid_target"),
        *("invalid_token", "login_required", "request_not_supported", "request_uri_not_supported", SERVER_ERROR),
        *("account_selection_required", "consent_required", "interaction_required"),
        *(UNAVAILABLE, "unauthorized_client", "unsupported_grant_type", "unsupported_response_type"),
        "unsupported_token_type",
        "invalid_request_uri",  # OpenID Connect Core 3.1.2.6, of a pushed one that is used up
        # RFC 6750 section 3.1, RFC 7591 section 3.2.2.
        *("insufficient_scope", "invalid_client_metadata", "invalid_redirect_uri"),
        *("invalid_dpop_proof", "use_dpop_nonce"),  # RFC 9449 sections 5 and 8
    }
)
CODES = _OF_OAUTH.union((fault.value for fault in Fault), (TOO_OLD,))
