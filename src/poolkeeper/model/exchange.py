"""When may one token be exchanged for another? The two flows that an app client is given for it (AWS: ExplicitAuthFlows)."""

# Without an actor's token: what is issued is as if the user acted. With one, it names who acts for them (RFC 8693 section 1.1).
IMPERSONATION = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"
DELEGATION = "ALLOW_TOKEN_EXCHANGE_DELEGATION"
EXCHANGES = frozenset({IMPERSONATION, DELEGATION})
