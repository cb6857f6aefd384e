"""CreateAccessKey, UpdateAccessKey, DeleteAccessKey, ListAccessKeys, GetAccessKeyLastUsed: the keys of users and of root."""

from collections.abc import Sequence

from poolkeeper import access_keys as making
from poolkeeper.aws.generated.iam import (
    AccessKey,
    AccessKeyLastUsed,
    AccessKeyMetadata,
    CreateAccessKeyRequest,
    CreateAccessKeyResponse,
    DeleteAccessKeyRequest,
    GetAccessKeyLastUsedRequest,
    GetAccessKeyLastUsedResponse,
    ListAccessKeysRequest,
    ListAccessKeysResponse,
    UpdateAccessKeyRequest,
)
from poolkeeper.call import Call
from poolkeeper.errors import (
    EntityAlreadyExistsException,
    InvalidInputException,
    LimitExceededException,
    NoSuchEntityException,
)
from poolkeeper.model.access_key import StoredKey
from poolkeeper.model.iam import KEYS_OF_A_USER, Entity
from poolkeeper.operations import iam_answers, iam_pages
from poolkeeper.operations.iam_changes import change
from poolkeeper.operations.iam_lookup import require_user_or_caller
from poolkeeper.secret import Secret
from poolkeeper.store import access_keys
from poolkeeper.store.db import Reader, Transaction

_ROOT = "root"
_ACTIVE, _INACTIVE = "Active", "Inactive"


async def create_access_key(
    call: Call, req: CreateAccessKeyRequest, *, chosen_id: str | None = None, chosen_secret: Secret | None = None
) -> CreateAccessKeyResponse:
    """Make a key for a user, by default for the caller; its secret is shown only now. A seed chooses id and secret.

    Raises LimitExceededException for more than two, NoSuchEntityException, ValidationException; EntityAlreadyExistsException
    for a chosen id that another key has.
    """
    secret = chosen_secret or making.new_secret(call.house)
    access_key_id = chosen_id or making.new_id(call.house)
    sealed_secret = making.seal(call.house, access_key_id, secret)

    async def create(tx: Transaction) -> StoredKey:
        owner = await require_user_or_caller(call, tx, req.user_name)
        if len(await _keys_of(tx, owner)) >= KEYS_OF_A_USER:
            raise LimitExceededException(f"Cannot exceed quota for AccessKeysPerUser: {KEYS_OF_A_USER}")
        key = StoredKey(
            access_key_id=access_key_id,
            name=_ROOT if owner is None else owner.name,
            enabled=True,
            root=owner is None,
            sealed_secret=sealed_secret,
            created_at=call.now,
            user_id=None if owner is None else owner.entity_id,
        )
        if not await access_keys.insert(tx, key):
            raise EntityAlreadyExistsException(f"There is an access key {access_key_id} already.")
        return key

    key_made = await change(call, create)
    return CreateAccessKeyResponse(
        access_key=AccessKey(
            user_name=key_made.name,
            access_key_id=access_key_id,
            status=_ACTIVE,
            secret_access_key=secret.reveal(),
            create_date=iam_answers.moment(call.now),
        )
    )


async def update_access_key(call: Call, req: UpdateAccessKeyRequest) -> None:
    """Switch a key on or off, for every call from the next one on.

    Raises InvalidInputException, NoSuchEntityException, ValidationException.
    """
    if req.status not in {_ACTIVE, _INACTIVE}:
        # UNVERIFIED: the words; the model names Expired too, which nobody can ask for.
        raise InvalidInputException(f"The status {req.status} cannot be set.")

    async def update(tx: Transaction) -> None:
        owner = await require_user_or_caller(call, tx, req.user_name)
        key = await _require_key(tx, owner, req.access_key_id)
        await access_keys.set_enabled(tx, key.access_key_id, enabled=req.status == _ACTIVE)

    await change(call, update)


async def delete_access_key(call: Call, req: DeleteAccessKeyRequest) -> None:
    """Remove a key for good.

    Raises NoSuchEntityException, ValidationException.
    """

    async def delete(tx: Transaction) -> None:
        owner = await require_user_or_caller(call, tx, req.user_name)
        key = await _require_key(tx, owner, req.access_key_id)
        await access_keys.delete(tx, key.access_key_id)

    await change(call, delete)


async def list_access_keys(call: Call, req: ListAccessKeysRequest) -> ListAccessKeysResponse:
    """Return the keys of a user, by default of the caller, without their secrets.

    Raises NoSuchEntityException, ValidationException.
    """
    owner = await require_user_or_caller(call, call.db, req.user_name)
    wanted = iam_pages.page_request(call, f"ListAccessKeys {req.user_name}", req.marker, req.max_items)
    page = iam_pages.page(wanted, await _keys_of(call.db, owner), lambda key: key.access_key_id)
    listed = [
        AccessKeyMetadata(
            user_name=key.name,
            access_key_id=key.access_key_id,
            status=_ACTIVE if key.enabled else _INACTIVE,
            create_date=iam_answers.moment(key.created_at),
        )
        for key in page.items
    ]
    return ListAccessKeysResponse(access_key_metadata=listed, is_truncated=page.is_truncated, marker=page.token)


async def get_access_key_last_used(call: Call, req: GetAccessKeyLastUsedRequest) -> GetAccessKeyLastUsedResponse:
    """Return when, where and for what a key was last used, to the hour (key_uses.py).

    Raises NoSuchEntityException.
    """
    key = await access_keys.find(call.db, req.access_key_id)
    if key is None:
        # UNVERIFIED: the error, which its model does not have; a key of nobody's against AWS would settle it.
        raise _no_such_key(req.access_key_id)
    used = AccessKeyLastUsed(
        last_used_date=None if key.last_used_at is None else iam_answers.moment(key.last_used_at),
        service_name=key.last_used_service or "N/A",
        region=key.last_used_region or "N/A",
    )
    return GetAccessKeyLastUsedResponse(user_name=key.name, access_key_last_used=used)


async def _keys_of(reader: Reader, owner: Entity | None) -> Sequence[StoredKey]:
    """Return the keys of a user, or of the account's root."""
    if owner is not None:
        return await access_keys.of_user(reader, owner.entity_id)
    return [key for key in await access_keys.every(reader) if key.root]


async def _require_key(tx: Transaction, owner: Entity | None, access_key_id: str) -> StoredKey:
    """Return a key of this owner's; another owner's counts as unknown."""
    key = await access_keys.find(tx, access_key_id)
    owned = key is not None and (key.root if owner is None else key.user_id == owner.entity_id)
    if key is None or not owned:
        raise _no_such_key(access_key_id)
    return key


def _no_such_key(access_key_id: str) -> NoSuchEntityException:
    return NoSuchEntityException(f"The Access Key with id {access_key_id} cannot be found.")
