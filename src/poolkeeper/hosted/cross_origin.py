"""What may a script of any site read? The headers of CORS, for what is public or guarded by more than cookies (attacks.md 91)."""

from collections.abc import Mapping

ANSWER: Mapping[str, str] = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "DPoP-Nonce, WWW-Authenticate, x-amz-cognito-request-id",
}
# `*` does not stand for Authorization (Fetch standard, CORS-preflight fetch). Amplify sends X-Amz-User-Agent.
PREFLIGHT: Mapping[str, str] = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": "Authorization, Content-Type, DPoP, X-Amz-User-Agent, *",
    "access-control-max-age": "86400",
}
