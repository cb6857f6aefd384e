"""AddUserPoolClientSecret, DeleteUserPoolClientSecret, ListUserPoolClientSecrets: two secrets, so that one can be changed.

While there are two, an application may prove itself by either; to retire one, delete it.
"""

from collections.abc import Callable

from poolkeeper.aws.generated.cognito_idp import (
    AddUserPoolClientSecretRequest,
    AddUserPoolClientSecretResponse,
    ClientSecretDescriptorType,
    DeleteUserPoolClientSecretRequest,
    DeleteUserPoolClientSecretResponse,
    ListUserPoolClientSecretsRequest,
    ListUserPoolClientSecretsResponse,
)
from poolkeeper.call import Call
from poolkeeper.decoding import client_of, seal_secrets
from poolkeeper.errors import InvalidParameterException, LimitExceededException, ResourceNotFoundException
from poolkeeper.lookup import require_client_of, unknown_client
from poolkeeper.model.client import SECRET_LENGTH, ClientSecret
from poolkeeper.operations.shapes import seconds
from poolkeeper.secret import Secret
from poolkeeper.store import clients
from poolkeeper.store.db import Conflict, Transaction

Secrets = tuple[ClientSecret, ...]

_MOST_SECRETS = 2


async def add_user_pool_client_secret(
    call: Call, req: AddUserPoolClientSecretRequest
) -> AddUserPoolClientSecretResponse:
    """Give an app client that has a secret another one, and return its value where it was made here.

    Raises LimitExceededException where there are two, InvalidParameterException for a client without a secret and for a
    value that is one of its secrets already.
    """
    value = req.client_secret or call.entropy.base36(SECRET_LENGTH)

    # UNVERIFIED: the words of all refusals here; one call for each against AWS would settle them.
    def added(secrets: Secrets) -> Secrets:
        if not secrets:
            raise InvalidParameterException(f"Client {req.client_id} is not configured with a secret.")
        if len(secrets) >= _MOST_SECRETS:
            raise LimitExceededException(f"Client {req.client_id} has {_MOST_SECRETS} secrets, which is the limit.")
        if any(secret.value.reveal() == value for secret in secrets):
            raise InvalidParameterException("ClientSecret is one of the app client's secrets already.")
        return (*secrets, ClientSecret(_next_id(call, req.client_id, secrets), Secret(value), call.now))

    made = (await _change(call, req.user_pool_id, req.client_id, added))[-1]
    described = _described(made)
    if req.client_secret is None:
        described.client_secret_value = value
    return AddUserPoolClientSecretResponse(client_secret_descriptor=described)


async def delete_user_pool_client_secret(
    call: Call, req: DeleteUserPoolClientSecretRequest
) -> DeleteUserPoolClientSecretResponse:
    """Retire a secret at once.

    Raises ResourceNotFoundException for an unknown id, InvalidParameterException for the last secret.
    """

    def removed(secrets: Secrets) -> Secrets:
        remaining = tuple(secret for secret in secrets if secret.secret_id != req.client_secret_id)
        if len(remaining) == len(secrets):
            raise ResourceNotFoundException(f"Client secret {req.client_secret_id} does not exist.")
        if not remaining:
            raise InvalidParameterException(f"The last secret of client {req.client_id} cannot be deleted.")
        return remaining

    await _change(call, req.user_pool_id, req.client_id, removed)
    return DeleteUserPoolClientSecretResponse()


async def list_user_pool_client_secrets(
    call: Call, req: ListUserPoolClientSecretsRequest
) -> ListUserPoolClientSecretsResponse:
    """Return the ids and dates of an app client's secrets, oldest first and on one page, never their values."""
    _, client = await require_client_of(call, req.user_pool_id, req.client_id)
    return ListUserPoolClientSecretsResponse(client_secrets=[_described(secret) for secret in client.secrets])


async def _change(call: Call, pool_id: str, client_id: str, change: Callable[[Secrets], Secrets]) -> Secrets:
    """Change the secrets of an app client from what they are at that moment; `change` may run again.

    Raises InvalidParameterException for a client that registered itself: it knows only the secret that it got then.
    """
    _, registered = await require_client_of(call, pool_id, client_id)
    if registered.registered_itself:
        raise InvalidParameterException(
            f"Client {client_id} was registered dynamically; its secrets cannot be changed."
        )

    async def body(tx: Transaction) -> Secrets:
        row = await clients.find(tx, pool_id, client_id)
        if row is None:
            raise unknown_client(client_id)
        client = client_of(call.house, row)
        secrets = change(client.secrets)
        changed = await clients.replace_secrets(
            tx,
            pool_id=pool_id,
            client_id=client_id,
            secret=seal_secrets(call.house, pool_id, client_id, secrets),
            expected_version=client.version,
            now=call.now,
        )
        if changed != 1:
            raise Conflict
        return secrets

    return await call.db.write(body)


def _next_id(call: Call, client_id: str, secrets: Secrets) -> str:
    """Return `<client id>--<epoch>` (userpools.md 2.5), later than every present secret."""
    latest = max(int(secret.secret_id.rpartition("--")[2]) for secret in secrets)
    return f"{client_id}--{max(call.now // 1000, latest + 1)}"


def _described(secret: ClientSecret) -> ClientSecretDescriptorType:
    return ClientSecretDescriptorType(
        client_secret_id=secret.secret_id, client_secret_create_date=seconds(secret.created_at)
    )
