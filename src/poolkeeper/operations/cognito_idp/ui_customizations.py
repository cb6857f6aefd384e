"""SetUICustomization, GetUICustomization: the classic look of one app client's pages, or of ALL without their own."""

from datetime import UTC, datetime

from poolkeeper.aws.generated.cognito_idp import (
    GetUICustomizationRequest,
    GetUICustomizationResponse,
    SetUICustomizationRequest,
    SetUICustomizationResponse,
    UICustomizationType,
)
from poolkeeper.branding import images, looks
from poolkeeper.branding.classic_css import BadCss, cleaned
from poolkeeper.branding.images import JPEG, PNG, BadImage
from poolkeeper.branding.looks import FOR_ALL
from poolkeeper.branding.styles import CLASSIC, PREFIX, note
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import require_client_of, require_pool, unknown_client, unknown_pool
from poolkeeper.model.address import main_address
from poolkeeper.model.domain import MEMBERS
from poolkeeper.model.pool import Pool
from poolkeeper.store import brandings, clients, pools
from poolkeeper.store.brandings import CustomizationRow
from poolkeeper.store.db import Transaction

# oauth-federation.md 5: what a whole request may weigh, its picture in base64.
_MOST_BYTES = 135 * 1000
_NO_DOMAIN = "A domain must be associated with this user pool."  # measured.md 9


async def set_ui_customization(call: Call, req: SetUICustomizationRequest) -> SetUICustomizationResponse:
    """Replace the CSS and the logo of an app client, or of all; with neither, both are removed.

    Raises InvalidParameterException, ResourceNotFoundException.
    """
    pool, client_id = await _require_target(call, req.user_pool_id, req.client_id)
    require_domain(pool)
    css, image = req.css or None, req.image_file or None
    if len((css or "").encode()) + len(image or b"") * 4 // 3 > _MOST_BYTES:
        # UNVERIFIED: the error; a logo of 120 kB would settle it. The words are the guide's.
        raise InvalidParameterException("request parameters too large")
    if css is not None:
        await require_harmless(call, pool, client_id, css)
    row = CustomizationRow(
        client_id=client_id,
        created_at=call.now,
        updated_at=call.now,
        css_version=None if css is None else _version_of(call.now),
        css=css,
        format=None if image is None else kind_of(image),
        digest=None if image is None else looks.digest_of(image),
    )

    async def change(tx: Transaction) -> CustomizationRow:
        if await pools.touch(tx, pool.pool_id) != 1:
            raise unknown_pool(pool.pool_id)
        # An app client may go while its sheet is read: no customisation outlives it.
        if client_id != FOR_ALL and not await clients.hold(tx, pool.pool_id, client_id):
            raise unknown_client(client_id)
        before = await brandings.customization(tx, pool_id=pool.pool_id, client_id=client_id)
        if css is None and image is None:
            await brandings.delete_customization(tx, pool_id=pool.pool_id, client_id=client_id)
        else:
            await brandings.put_customization(tx, pool_id=pool.pool_id, row=row, image=image)
        return before or row

    created_at = (await call.db.write(change)).created_at
    return SetUICustomizationResponse(ui_customization=_described(call, pool, row, created_at=created_at))


async def get_ui_customization(call: Call, req: GetUICustomizationRequest) -> GetUICustomizationResponse:
    """Return the classic look of an app client, that of ALL where it has none, an empty one where there is neither.

    Raises InvalidParameterException, ResourceNotFoundException.
    """
    pool, client_id = await _require_target(call, req.user_pool_id, req.client_id)
    # infrastructure.md 4
    require_domain(pool, "There has to be an existing domain associated with this user pool.")
    row = await brandings.customization(call.db, pool_id=pool.pool_id, client_id=client_id)
    if row is None and client_id != FOR_ALL:
        row = await brandings.customization(call.db, pool_id=pool.pool_id, client_id=FOR_ALL)
    described = UICustomizationType() if row is None else _described(call, pool, row, created_at=row.created_at)
    return GetUICustomizationResponse(ui_customization=described)


async def _require_target(call: Call, pool_id: str, client_id: str | None) -> tuple[Pool, str]:
    """Return the pool and an existing app client, or ALL."""
    if client_id is None or client_id == FOR_ALL:
        return await require_pool(call, pool_id), FOR_ALL
    pool, client = await require_client_of(call, pool_id, client_id)
    return pool, client.client_id


def require_domain(pool: Pool, words: str = _NO_DOMAIN) -> None:
    """Raise InvalidParameterException, with `words` as its message, for a pool without a domain."""
    if not any(member in pool.document for member in MEMBERS.values()):
        raise InvalidParameterException(words)


async def require_harmless(call: Call, pool: Pool, client_id: str, css: str) -> None:
    """Pass for CSS that may be shown, and log what of it will not be. Raises InvalidParameterException."""
    try:
        result = await call.house.heavy.run(call.asker, cleaned, css, _keep)
    except BadCss as fault:
        raise InvalidParameterException(str(fault)) from None
    if result.left_out:
        note(pool, client_id, f"properties that are not shown: {', '.join(dict.fromkeys(result.left_out))}")


def _keep(content: bytes) -> str:
    try:
        images.look_at(content)
    except BadImage as fault:
        raise BadCss(f"The CSS holds a picture that is not allowed: {fault}.") from None
    return "/"


def kind_of(image: bytes) -> str:
    """Return the kind of a logo. Raises InvalidParameterException for anything but a PNG or a JPEG."""
    try:
        kind = images.look_at(image).kind
    except BadImage as fault:
        raise _no_logo(str(fault)) from None
    if kind not in {PNG, JPEG}:
        raise _no_logo(f"it is {kind}")
    return kind


def _no_logo(reason: str) -> InvalidParameterException:
    # UNVERIFIED: the words; SetUICustomization with a GIF would settle them.
    return InvalidParameterException(f"The image file must be a PNG or JPEG: {reason}.")


def _version_of(now: int) -> str:
    return datetime.fromtimestamp(now // SECOND, UTC).strftime("%Y%m%d%H%M%S")


def _described(call: Call, pool: Pool, row: CustomizationRow, *, created_at: int) -> UICustomizationType:
    file = None if row.digest is None or row.format is None else f"{row.digest}.{row.format.lower()}"
    address = main_address(call.settings, pool) or call.settings.issuer_base
    return UICustomizationType(
        user_pool_id=pool.pool_id,
        client_id=row.client_id,
        image_url=None if file is None else f"{address}{PREFIX}/{pool.pool_id}/{CLASSIC}/{row.client_id}/{file}",
        css=row.css,
        css_version=row.css_version,
        last_modified_date=row.updated_at / SECOND,
        creation_date=created_at / SECOND,
    )
