"""AssociateSoftwareToken, VerifySoftwareToken, AdminDeleteSoftwareToken: a user's authenticator app, from set-up to removal."""

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
    """Draw the secret of an authenticator app for the bearer, or for a user in the middle of MFA_SETUP.

    Where both came, the access token counts. Nothing changes before VerifySoftwareToken. Raises
    SoftwareTokenMFANotFoundException where the pool does not offer TOTP.
    """
    if req.access_token is None:
        secret, challenge = await mfa_setup.associate(call, _session(req.session))
        return AssociateSoftwareTokenResponse(secret_code=secret, session=challenge.session)
    bearer = await require_bearer(call, req.access_token)
    software_tokens.require_offered(bearer.pool)
    secret, keep = software_tokens.draw(call, bearer.pool, bearer.user.sub)

    async def body(tx: Transaction) -> None:
        await require_still(tx, bearer)
        await keep(tx)

    await call.db.write(body)
    return AssociateSoftwareTokenResponse(secret_code=secret)


async def verify_software_token(call: Call, req: VerifySoftwareTokenRequest) -> VerifySoftwareTokenResponse:
    """Adopt the app's secret by its first code.

    With an access token the method can then be turned on; with a Session it is on at once, and the Session in the answer
    answers MFA_SETUP (userpools.md 3.5). Wrong codes count towards the lockout. Raises EnableSoftwareTokenMFAException.
    """
    name = req.friendly_device_name
    if req.access_token is None:
        challenge = await mfa_setup.verify(call, _session(req.session), code=req.user_code, name=name)
        return VerifySoftwareTokenResponse(status="SUCCESS", session=challenge.session)
    bearer = await require_bearer(call, req.access_token)
    await software_tokens.verify(call, bearer, code=req.user_code, name=name)
    return VerifySoftwareTokenResponse(status="SUCCESS")


async def admin_delete_software_token(
    call: Call, req: AdminDeleteSoftwareTokenRequest
) -> AdminDeleteSoftwareTokenResponse:
    """Remove a user's authenticator app: its codes prove nothing any more, and another app can be associated."""
    # UNVERIFIED: what AWS says for a user who has none; here nothing happens then.
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await mfa.forget_token(call, pool, user.sub)
    return AdminDeleteSoftwareTokenResponse()


def _session(session: str | None) -> str:
    """Return the Session of a request that came without an access token.

    Raises InvalidParameterException.
    """
    if session is None:
        # UNVERIFIED: the words; a call with neither would settle them.
        raise InvalidParameterException("Either AccessToken or Session must be provided")
    return session
