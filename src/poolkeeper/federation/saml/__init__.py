"""SAML 2.0, as a service provider speaks it (oauth-federation.md 7.4). Nothing here knows a pool, a request or a row.

metadata      what an identity provider says of itself      requests      what is asked of it: AuthnRequest
responses     what it says of a user, judged                logout        LogoutRequest and LogoutResponse, both ways
own_metadata  what we say of ourselves                      bindings      how messages travel: redirect and POST
structure     what must be so before a signature counts     signatures    who signed what; the library is beside it
encryption    EncryptedAssertion                            statements    what a verified assertion says
messages      what is true of every message                 algorithms    by which a message may be signed

Times are milliseconds since the epoch. Whatever is refused is a BadMessage, whose fault and text are for the log alone:
to the sender every refusal looks the same.
"""
