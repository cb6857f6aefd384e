"""What do log and metrics call what a page or an OAuth endpoint answers? `Success`, an exception of AWS's, or a code of these."""

PAGES, OAUTH = "pages", "oauth"

SUCCESS = "Success"
INVALID_REQUEST = "invalid_request"
SERVER_ERROR = "server_error"
UNAVAILABLE = "temporarily_unavailable"
NOBODYS = "nobodys_place"
TOO_OLD = "page_too_old"
# Of those who come back from identity providers.
STRAY, FOREIGN_ANSWER = "unknown_state", "foreign_answer"

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
# What a page is shown for from which no way leads on, but NOBODYS and those above.
_OF_PAGES = frozenset(
    {
        *("forged_form", "no_passkey_here", NOBODYS, "not_open", TOO_OLD, "parameters_missing", "redirect_mismatch"),
        *("state_too_long", "unknown_client", STRAY, FOREIGN_ANSWER),
    }
)
CODES = _OF_OAUTH | _OF_PAGES
