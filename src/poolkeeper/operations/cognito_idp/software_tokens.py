"""AssociateSoftwareToken, VerifySoftwareToken, AdminDeleteSoftwareToken: a user's authenticator app, from seed to end."""

from poolkeeper import events
from poolkeeper.auth import lockout, mfa_guard, mfa_settings, mfa_setup, software_token
from poolkeeper.aws.generated.cognito_idp import (
    AdminDeleteSoftwareTokenRequest,
    AdminDeleteSoftwareTokenResponse,
    AssociateSoftwareTokenRequest,
    AssociateSoftwareTokenResponse,
    VerifySoftwareTokenRequest,
    VerifySoftwareTokenResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import EnableSoftwareTokenMFAException, InvalidParameterException
from poolkeeper.lookup import Bearer, Subject, require_pool_and_user
from poolkeeper.messaging import notices
from poolkeeper.model.event import Kind
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_bearer


async def associate_software_token(call: Call, req: AssociateSoftwareTokenRequest) -> AssociateSoftwareTokenResponse:
    """Draw the secret of an authenticator app for the bearer, or for somebody in the middle of MFA_SETUP.

    An access token counts where both came. It changes nothing yet: VerifySoftwareToken does. Raises
    SoftwareTokenMFANotFoundException where the pool does not offer TOTP.
    """
    if req.access_token is None:
        secret, challenge = await mfa_setup.associate(call, _session(req.session))
        return AssociateSoftwareTokenResponse(secret_code=secret, session=challenge.session)
    found = await require_bearer(call, req.access_token)
    software_token.require_offered(found.pool)
    secret, keep = software_token.draw(call, found.pool, found.user.sub)
    await call.db.write(keep)
    return AssociateSoftwareTokenResponse(secret_code=secret)


async def verify_software_token(call: Call, req: VerifySoftwareTokenRequest) -> VerifySoftwareTokenResponse:
    """Let the app's secret count on the evidence of its first code.

    With an access token the method is then there to be turned on; with a Session it is on, and the Session that comes
    back answers MFA_SETUP (contract, user pools 3.5). Wrong codes count along the lockout curve. Raises
    EnableSoftwareTokenMFAException.
    """
    name = req.friendly_device_name
    if req.access_token is None:
        challenge = await mfa_setup.verify(call, _session(req.session), code=req.user_code, name=name)
        return VerifySoftwareTokenResponse(status="SUCCESS", session=challenge.session)
    found = await require_bearer(call, req.access_token)
    software_token.require_offered(found.pool)
    await _verify(call, found, code=req.user_code, name=name)
    return VerifySoftwareTokenResponse(status="SUCCESS")


async def admin_delete_software_token(
    call: Call, req: AdminDeleteSoftwareTokenRequest
) -> AdminDeleteSoftwareTokenResponse:
    """Take a user's authenticator app away: it signs nobody in any more, and another one can be associated."""
    # UNVERIFIED: what AWS says for a user who has none; here nothing happens then.
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await mfa_settings.forget_token(call, pool, user.sub)
    return AdminDeleteSoftwareTokenResponse()


async def _verify(call: Call, found: Bearer, *, code: str, name: str | None) -> None:
    pool, user = found.pool, found.user
    subject = Subject(name=user.username, subject_id=user.sub, user=user)
    async with lockout.trial(call, pool, subject) as trial:

        async def body(tx: Transaction) -> bool:
            before = await software_token.adopt(tx, call, pool, user.sub, code=code, name=name, enable=False)
            mfa_guard.require_proof_for_factor(call, found, before)
            if before.mfa.totp:
                await notices.app_replaced(call, tx, pool, before)
            return before.mfa.totp

        try:
            replaced = await call.db.write(body)
        except EnableSoftwareTokenMFAException:
            await trial.failed()
            raise
    if replaced:
        events.record(call, Kind.SOFTWARE_TOKEN_REPLACED, pool_id=pool.pool_id, user_id=user.sub)


def _session(given: str | None) -> str:
    """Return the Session of a request that came without an access token.

    Raises InvalidParameterException.
    """
    if given is None:
        # UNVERIFIED: the words; a call with neither would settle them.
        raise InvalidParameterException("Either AccessToken or Session must be provided")
    return given
