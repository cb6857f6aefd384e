"""AssociateSoftwareToken, VerifySoftwareToken, AdminDeleteSoftwareToken: a user's authenticator app, from seed to end."""

from poolkeeper.accounts import mfa, software_tokens
from poolkeeper.auth.steps import mfa_setup
from poolkeeper.aws.generated.cognito_idp import (
    AdminDeleteSoftwareTokenRequest,
    AdminDeleteSoftwareTokenResponse,
    AssociateSoftwareTokenRequest,
    AssociateSoftwareTokenResponse,
    VerifySoftwareTokenRequest,
    VerifySoftwareTokenResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import require_pool_and_user
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_bearer, require_still


async def associate_software_token(call: Call, req: AssociateSoftwareTokenRequest) -> AssociateSoftwareTokenResponse:
    """Draw the secret of an authenticator app for the bearer, or for somebody in the middle of MFA_SETUP.

    An access token counts where both came. It changes nothing yet: VerifySoftwareToken does. Raises
    SoftwareTokenMFANotFoundException where the pool does not offer TOTP.
    """
    if req.access_token is None:
        secret, challenge = await mfa_setup.associate(call, _session(req.session))
        return AssociateSoftwareTokenResponse(secret_code=secret, session=challenge.session)
    found = await require_bearer(call, req.access_token)
    software_tokens.require_offered(found.pool)
    secret, keep = software_tokens.draw(call, found.pool, found.user.sub)

    async def body(tx: Transaction) -> None:
        await require_still(tx, found)
        await keep(tx)

    await call.db.write(body)
    return AssociateSoftwareTokenResponse(secret_code=secret)


async def verify_software_token(call: Call, req: VerifySoftwareTokenRequest) -> VerifySoftwareTokenResponse:
    """Let the app's secret count on the evidence of its first code.

    With an access token the method is then there to be turned on; with a Session it is on, and the Session that comes
    back answers MFA_SETUP (userpools.md 3.5). Wrong codes count along the lockout curve. Raises
    EnableSoftwareTokenMFAException.
    """
    name = req.friendly_device_name
    if req.access_token is None:
        challenge = await mfa_setup.verify(call, _session(req.session), code=req.user_code, name=name)
        return VerifySoftwareTokenResponse(status="SUCCESS", session=challenge.session)
    found = await require_bearer(call, req.access_token)
    await software_tokens.verify(call, found, code=req.user_code, name=name)
    return VerifySoftwareTokenResponse(status="SUCCESS")


async def admin_delete_software_token(
    call: Call, req: AdminDeleteSoftwareTokenRequest
) -> AdminDeleteSoftwareTokenResponse:
    """Take a user's authenticator app away: it signs nobody in any more, and another one can be associated."""
    # UNVERIFIED: what AWS says for a user who has none; here nothing happens then.
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await mfa.forget_token(call, pool, user.sub)
    return AdminDeleteSoftwareTokenResponse()


def _session(given: str | None) -> str:
    """Return the Session of a request that came without an access token.

    Raises InvalidParameterException.
    """
    if given is None:
        # UNVERIFIED: the words; a call with neither would settle them.
        raise InvalidParameterException("Either AccessToken or Session must be provided")
    return given
