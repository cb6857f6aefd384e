"""When may one token be exchanged for another? The two flows that an app client is given for it, and the types of tokens."""

# AWS: ExplicitAuthFlows. Without an actor's token, what is issued is as if the user acted. With one, it names who acts for
# them (RFC 8693 section 1.1).
IMPERSONATION = "ALLOW_TOKEN_EXCHANGE_IMPERSONATION"
DELEGATION = "ALLOW_TOKEN_EXCHANGE_DELEGATION"
EXCHANGES = frozenset({IMPERSONATION, DELEGATION})

# AWS: TokenTypeIdentifierType. RFC 8693 section 3 has one more, for either kind of token that is a JWT.
ACCESS_TOKEN, ID_TOKEN, SAML2 = "ACCESS_TOKEN", "ID_TOKEN", "SAML2"
ANY_JWT = "JWT"
