"""CreateManagedLoginBranding and its companions: the style of an app client's pages in managed login."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from poolkeeper.aws import json_1_1
from poolkeeper.aws.generated.cognito_idp import (
    AssetType,
    CreateManagedLoginBrandingRequest,
    CreateManagedLoginBrandingResponse,
    DeleteManagedLoginBrandingRequest,
    DescribeManagedLoginBrandingByClientRequest,
    DescribeManagedLoginBrandingByClientResponse,
    DescribeManagedLoginBrandingRequest,
    DescribeManagedLoginBrandingResponse,
    ManagedLoginBrandingType,
    UpdateManagedLoginBrandingRequest,
    UpdateManagedLoginBrandingResponse,
)
from poolkeeper.branding import assets, documents, looks, survey
from poolkeeper.branding.assets import MOST_ASSETS, BadAsset
from poolkeeper.branding.defaults import DEFAULTS
from poolkeeper.branding.styles import note
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import (
    ConcurrentModificationException,
    InvalidParameterException,
    LimitExceededException,
    ManagedLoginBrandingExistsException,
    ResourceNotFoundException,
)
from poolkeeper.lookup import require_client_of, require_pool, unknown_client, unknown_pool
from poolkeeper.model.pool import Pool
from poolkeeper.store import brandings, clients, pools
from poolkeeper.store.brandings import AssetRow, StyleRow
from poolkeeper.store.db import Transaction

# AWS: quotas, managed login branding styles of a pool.
STYLES_OF_A_POOL = 20
_EITHER = "useCognitoProvidedValues or settings should be specified (but not both)"  # measured.md 9
_decode = msgspec.json.Decoder(dict[str, Any]).decode


class Picture(msgspec.Struct, frozen=True):
    """An accepted picture: its row, its content as it came, and its content as it is served where that differs."""

    row: AssetRow
    given: bytes
    served: bytes | None


async def create_managed_login_branding(
    call: Call, req: CreateManagedLoginBrandingRequest
) -> CreateManagedLoginBrandingResponse:
    """Give an app client its style: Cognito's own values or settings, and pictures beside either.

    Raises InvalidParameterException, LimitExceededException, ManagedLoginBrandingExistsException, ResourceNotFoundException.
    """
    pool, client = await require_client_of(call, req.user_pool_id, req.client_id)
    own_settings = _settings(req.settings)
    if bool(req.use_cognito_provided_values) is (own_settings is not None):
        raise InvalidParameterException(_EITHER)
    pictures = await _accepted(call, req.assets or ())
    branding_id, settings = (
        call.entropy.uuid(),
        None if own_settings is None else msgspec.json.encode(own_settings).decode(),
    )

    async def create(tx: Transaction) -> None:
        await _touch(tx, pool)
        # An app client may go while the pictures are read: no style outlives it.
        if not await clients.hold(tx, pool.pool_id, client.client_id):
            raise unknown_client(client.client_id)
        if len(await brandings.by_client(tx, pool.pool_id)) >= STYLES_OF_A_POOL:
            # UNVERIFIED: the words; the 21st style of a pool would settle them.
            raise LimitExceededException("The number of managed login branding styles has reached its limit.")
        if not await brandings.insert(
            tx,
            pool_id=pool.pool_id,
            branding_id=branding_id,
            client_id=client.client_id,
            settings=settings,
            now=call.now,
        ):
            # UNVERIFIED: the words; a second style for one app client would settle them.
            raise ManagedLoginBrandingExistsException(
                "A managed login branding style already exists for the app client."
            )
        await _put(tx, pool, branding_id, pictures)

    await call.db.write(create)
    _tell(pool, client.client_id, own_settings)
    return CreateManagedLoginBrandingResponse(managed_login_branding=await _described(call, pool, branding_id))


async def describe_managed_login_branding(
    call: Call, req: DescribeManagedLoginBrandingRequest
) -> DescribeManagedLoginBrandingResponse:
    """Return a style; `ReturnMergedResources` fills it up with Cognito's values to a complete document.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    style = await _described(call, pool, req.managed_login_branding_id, merged=bool(req.return_merged_resources))
    return DescribeManagedLoginBrandingResponse(managed_login_branding=style)


async def describe_managed_login_branding_by_client(
    call: Call, req: DescribeManagedLoginBrandingByClientRequest
) -> DescribeManagedLoginBrandingByClientResponse:
    """Return the style of an app client.

    Raises ResourceNotFoundException.
    """
    pool, client = await require_client_of(call, req.user_pool_id, req.client_id)
    branding_id = (await brandings.by_client(call.db, pool.pool_id)).get(client.client_id)
    if branding_id is None:
        # UNVERIFIED: the words; DescribeManagedLoginBrandingByClient for a client without a style would settle them.
        raise ResourceNotFoundException(f"Client {client.client_id} has no managed login branding.")
    style = await _described(call, pool, branding_id, merged=bool(req.return_merged_resources))
    return DescribeManagedLoginBrandingByClientResponse(managed_login_branding=style)


async def update_managed_login_branding(
    call: Call, req: UpdateManagedLoginBrandingRequest
) -> UpdateManagedLoginBrandingResponse:
    """Change a style in part: new settings are laid over the former ones, a picture replaces the one of its kind.

    `UseCognitoProvidedValues` removes the settings. Raises InvalidParameterException, ResourceNotFoundException,
    ConcurrentModificationException.
    """
    if req.user_pool_id is None or req.managed_login_branding_id is None:
        # UNVERIFIED: the words; the model marks neither member required, so that a request can lack one.
        raise InvalidParameterException("UserPoolId and ManagedLoginBrandingId are required.")
    pool = await require_pool(call, req.user_pool_id)
    before = await _require(call, pool, req.managed_login_branding_id)
    changes = _settings(req.settings)
    provided = bool(req.use_cognito_provided_values)
    # UNVERIFIED: that assets alone may be changed, which the guide's "preserves what you don't specify" says.
    if (provided and changes is not None) or not (provided or changes is not None or req.assets):
        raise InvalidParameterException(_EITHER)
    settings_before = None if before.settings is None else _decode(before.settings)
    after = (
        None if provided else settings_before if changes is None else documents.merged(settings_before or {}, changes)
    )
    if after is not None:
        after = documents.read(msgspec.json.encode(after))  # many small changes make no large document
    pictures = await _accepted(call, req.assets or ())

    async def change(tx: Transaction) -> None:
        await _touch(tx, pool)
        changed = await brandings.replace(
            tx,
            pool_id=pool.pool_id,
            branding_id=before.branding_id,
            settings=None if after is None else msgspec.json.encode(after).decode(),
            expected_version=before.version,
            now=call.now,
        )
        if changed != 1:
            # UNVERIFIED: the words; two updates of one style at once would settle them.
            raise ConcurrentModificationException("The style was changed at the same time. Try again.")
        await _put(tx, pool, before.branding_id, pictures)

    await call.db.write(change)
    _tell(pool, before.client_id, after)
    return UpdateManagedLoginBrandingResponse(managed_login_branding=await _described(call, pool, before.branding_id))


async def delete_managed_login_branding(call: Call, req: DeleteManagedLoginBrandingRequest) -> None:
    """Remove a style with its pictures: the pages of its app client have no style any more.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)

    async def delete(tx: Transaction) -> int:
        await _touch(tx, pool)
        return await brandings.delete(tx, pool_id=pool.pool_id, branding_id=req.managed_login_branding_id)

    if await call.db.write(delete) != 1:
        raise _unknown(req.managed_login_branding_id)


def _settings(raw: msgspec.Raw | None) -> dict[str, Any] | None:
    """Return the settings of a request, None where it has none. Raises InvalidParameterException."""
    return None if raw is None or bytes(raw) == b"null" else documents.read(bytes(raw))


async def _accepted(call: Call, request_assets: Sequence[AssetType]) -> list[Picture]:
    """Return the pictures of a request. Raises InvalidParameterException."""
    return [await picture(call, asset) for asset in request_assets]


async def picture(call: Call, asset: AssetType) -> Picture:
    """Return a picture as it is stored; a drawing is made anew in a thread. Raises InvalidParameterException."""
    try:
        served, digest = await call.house.heavy.run(call.asker, _served, asset)
    except BadAsset as fault:
        # UNVERIFIED: the words; an asset of another kind than its extension says would settle them.
        raise InvalidParameterException(f"Invalid asset: {fault}.") from None
    row = AssetRow(
        category=asset.category,
        color_mode=asset.color_mode,
        resource_id=asset.resource_id or "",
        format=asset.extension,
        digest=digest,
    )
    return Picture(row, asset.bytes_ or b"", None if served == asset.bytes_ else served)


def _served(asset: AssetType) -> tuple[bytes, str]:
    """Return a picture as pages get it, and its digest. Raises BadAsset."""
    content = assets.served(asset.category, asset.extension, asset.bytes_ or b"")
    return content, looks.digest_of(content)


async def _put(tx: Transaction, pool: Pool, branding_id: str, pictures: Sequence[Picture]) -> None:
    for accepted in pictures:
        await brandings.put_asset(
            tx,
            pool_id=pool.pool_id,
            branding_id=branding_id,
            row=accepted.row,
            given=accepted.given,
            served=accepted.served,
        )
    if len(await brandings.assets(tx, pool_id=pool.pool_id, branding_id=branding_id)) > MOST_ASSETS:
        # UNVERIFIED: the error and the words; updates that add the 41st asset would settle them.
        raise InvalidParameterException(f"A style has at most {MOST_ASSETS} assets.")


async def _touch(tx: Transaction, pool: Pool) -> None:
    if await pools.touch(tx, pool.pool_id) != 1:
        raise unknown_pool(pool.pool_id)


async def _require(call: Call, pool: Pool, branding_id: str) -> StyleRow:
    row = await brandings.find(call.db, pool_id=pool.pool_id, branding_id=branding_id)
    if row is None:
        raise _unknown(branding_id)
    return row


def _tell(pool: Pool, client_id: str, settings: dict[str, Any] | None) -> None:
    """Tell the log what of a style is hard to read, and its unknown settings; both are stored all the same."""
    for remark in () if settings is None else survey.remarks(settings):
        note(pool, client_id, remark)


async def _described(call: Call, pool: Pool, branding_id: str, *, merged: bool = False) -> ManagedLoginBrandingType:
    row = await _require(call, pool, branding_id)
    settings = None if row.settings is None else _decode(row.settings)
    if merged:
        settings = documents.merged(DEFAULTS, settings or {})
    rows = await brandings.assets(call.db, pool_id=pool.pool_id, branding_id=branding_id)
    shown = [await _asset(call, pool, branding_id, asset) for asset in rows]
    style = ManagedLoginBrandingType(
        managed_login_branding_id=row.branding_id,
        user_pool_id=pool.pool_id,
        use_cognito_provided_values=row.settings is None,
        assets=shown,
        creation_date=row.created_at / SECOND,
        last_modified_date=row.updated_at / SECOND,
    )
    if settings is not None:
        style.settings = msgspec.Raw(msgspec.json.encode(settings))
    return style


async def _asset(call: Call, pool: Pool, branding_id: str, row: AssetRow) -> AssetType:
    """Return a picture for an answer. A style may have 40 MB of them: other requests have their turn between two."""
    content = await brandings.given_content(call.db, pool_id=pool.pool_id, branding_id=branding_id, row=row)
    await asyncio.sleep(0)
    return AssetType(
        category=row.category,
        color_mode=row.color_mode,
        extension=row.format,
        bytes_=None if content is None else json_1_1.blob(content),
        resource_id=row.resource_id or None,
    )


def _unknown(branding_id: str) -> ResourceNotFoundException:
    # UNVERIFIED: the words; DescribeManagedLoginBranding of an id that is not there would settle them.
    return ResourceNotFoundException(f"Managed login branding {branding_id} does not exist.")
