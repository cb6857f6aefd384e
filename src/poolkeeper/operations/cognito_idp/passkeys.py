"""StartWebAuthnRegistration, CompleteWebAuthnRegistration, ListWebAuthnCredentials, DeleteWebAuthnCredential."""

import msgspec

from poolkeeper.accounts import passkey_registration
from poolkeeper.accounts.passkeys import passkey_of
from poolkeeper.aws.generated.cognito_idp import (
    CompleteWebAuthnRegistrationRequest,
    CompleteWebAuthnRegistrationResponse,
    DeleteWebAuthnCredentialRequest,
    DeleteWebAuthnCredentialResponse,
    ListWebAuthnCredentialsRequest,
    ListWebAuthnCredentialsResponse,
    StartWebAuthnRegistrationRequest,
    StartWebAuthnRegistrationResponse,
    WebAuthnCredentialDescription,
)
from poolkeeper.aws.shape import Document
from poolkeeper.call import Call
from poolkeeper.errors import ResourceNotFoundException
from poolkeeper.lookup import Bearer
from poolkeeper.model.passkey import PASSKEYS_OF_A_USER, Passkey
from poolkeeper.operations.paging import PageRequest
from poolkeeper.operations.shapes import seconds
from poolkeeper.store import passkeys
from poolkeeper.store.db import Transaction
from poolkeeper.tokens.verify import require_still


async def start_web_authn_registration(
    call: Call,
    req: StartWebAuthnRegistrationRequest,  # noqa: ARG001 - its token led to the bearer
    bearer: Bearer,
) -> StartWebAuthnRegistrationResponse:
    """Return the options with which the bearer's browser makes a passkey.

    Raises WebAuthnNotEnabledException, WebAuthnConfigurationMissingException, LimitExceededException.
    """
    options = await passkey_registration.begin(call, bearer)
    return StartWebAuthnRegistrationResponse(credential_creation_options=Document(msgspec.json.encode(options)))


async def complete_web_authn_registration(
    call: Call, req: CompleteWebAuthnRegistrationRequest, bearer: Bearer
) -> CompleteWebAuthnRegistrationResponse:
    """Store the passkey that the bearer's browser made, if it is for this pool, client and challenge."""
    await passkey_registration.complete(call, bearer, bytes(req.credential))
    return CompleteWebAuthnRegistrationResponse()


async def list_web_authn_credentials(
    call: Call, req: ListWebAuthnCredentialsRequest, bearer: Bearer
) -> ListWebAuthnCredentialsResponse:
    """Return the bearer's passkeys, oldest first, a page at a time, also those of a former relying party."""
    listing = f"ListWebAuthnCredentials {bearer.pool.pool_id} {bearer.user.sub}"
    wanted = PageRequest(call, listing, req.next_token, req.max_results or PASSKEYS_OF_A_USER)
    created_at, _, credential_id = wanted.after().partition(" ")
    rows = await passkeys.page(
        call.db,
        pool_id=bearer.pool.pool_id,
        user_id=bearer.user.sub,
        after=(int(created_at or 0), credential_id),
        limit=wanted.limit,
    )
    page = wanted.cut(rows, lambda row: f"{row.created_at} {row.credential_id}")
    return ListWebAuthnCredentialsResponse(
        credentials=[_described(passkey_of(row)) for row in page.items], next_token=page.token
    )


async def delete_web_authn_credential(
    call: Call, req: DeleteWebAuthnCredentialRequest, bearer: Bearer
) -> DeleteWebAuthnCredentialResponse:
    """Remove a passkey of the bearer's.

    Raises ResourceNotFoundException for any other passkey, also another user's.
    """

    async def body(tx: Transaction) -> int:
        user = await require_still(tx, bearer)
        return await passkeys.delete(tx, pool_id=user.pool_id, credential_id=req.credential_id, user_id=user.sub)

    if await call.db.write(body) != 1:
        # UNVERIFIED: the words; a CredentialId that is not there would settle them.
        raise ResourceNotFoundException("The passkey does not exist.")
    return DeleteWebAuthnCredentialResponse()


def _described(passkey: Passkey) -> WebAuthnCredentialDescription:
    return WebAuthnCredentialDescription(
        credential_id=passkey.credential_id,
        friendly_credential_name=passkey.details.name,
        relying_party_id=passkey.details.relying_party,
        authenticator_attachment=passkey.details.attachment,
        authenticator_transports=list(passkey.details.transports),
        created_at=seconds(passkey.created_at),
    )
