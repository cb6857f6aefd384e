"""ConfirmDevice, GetDevice, ListDevices, UpdateDeviceStatus, ForgetDevice and the twins: the devices of a user.

A user sees the devices that are remembered, an administrator all that were confirmed.
"""

from collections.abc import Mapping

from poolkeeper.accounts import devices
from poolkeeper.aws.generated.cognito_idp import (
    AdminForgetDeviceRequest,
    AdminGetDeviceRequest,
    AdminGetDeviceResponse,
    AdminListDevicesRequest,
    AdminListDevicesResponse,
    AdminUpdateDeviceStatusRequest,
    AdminUpdateDeviceStatusResponse,
    ConfirmDeviceRequest,
    ConfirmDeviceResponse,
    DeviceType,
    ForgetDeviceRequest,
    GetDeviceRequest,
    GetDeviceResponse,
    ListDevicesRequest,
    ListDevicesResponse,
    UpdateDeviceStatusRequest,
    UpdateDeviceStatusResponse,
)
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import Bearer, require_pool_and_user
from poolkeeper.model.device import REMEMBERED, Device
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User
from poolkeeper.operations.paging import LARGEST_PAGE, Page, PageRequest
from poolkeeper.operations.shapes import attribute_list, seconds


async def confirm_device(call: Call, req: ConfirmDeviceRequest, bearer: Bearer) -> ConfirmDeviceResponse:
    """Confirm the device of the sign-in that the token came from; the pool decides whether it is remembered at once.

    Raises InvalidUserPoolConfigurationException, InvalidParameterException, DeviceKeyExistsException.
    """
    devices.require_tracking(bearer.pool)
    config = req.device_secret_verifier_config
    if config is None or config.salt is None or config.password_verifier is None:
        # UNVERIFIED: the words; the model requires no member but the key and the token.
        raise InvalidParameterException("Missing required parameter DeviceSecretVerifierConfig")
    policy = await devices.confirm(
        call,
        bearer,
        device_key=req.device_key,
        name=req.device_name or "",
        salt=config.salt,
        verifier=config.password_verifier,
    )
    return ConfirmDeviceResponse(user_confirmation_necessary=policy.on_prompt)


async def get_device(call: Call, req: GetDeviceRequest, bearer: Bearer) -> GetDeviceResponse:
    """Return a remembered device of the bearer.

    Raises ResourceNotFoundException.
    """
    devices.require_tracking(bearer.pool)
    device = await devices.require(call, bearer.pool, bearer.user.sub, req.device_key, only_remembered=True)
    return GetDeviceResponse(device=_described(device))


async def admin_get_device(call: Call, req: AdminGetDeviceRequest) -> AdminGetDeviceResponse:
    """Return a device of a user.

    Raises UserNotFoundException, ResourceNotFoundException.
    """
    pool, user = await _require_user(call, req.user_pool_id, req.username)
    device = await devices.require(call, pool, user.sub, req.device_key)
    return AdminGetDeviceResponse(device=_described_to_admin(call, pool, user, device))


async def list_devices(call: Call, req: ListDevicesRequest, bearer: Bearer) -> ListDevicesResponse:
    """Return the remembered devices of the bearer, a page at a time, in the order of their keys."""
    devices.require_tracking(bearer.pool)
    listing = f"ListDevices {bearer.pool.pool_id} {bearer.user.sub}"
    wanted = PageRequest(call, listing, req.pagination_token, req.limit or LARGEST_PAGE)
    page = await _page(wanted, bearer.pool, bearer.user, only_remembered=True)
    return ListDevicesResponse(devices=[_described(device) for device in page.items], pagination_token=page.token)


async def admin_list_devices(call: Call, req: AdminListDevicesRequest) -> AdminListDevicesResponse:
    """Return all devices of a user, a page at a time, in the order of their keys.

    Raises UserNotFoundException.
    """
    pool, user = await _require_user(call, req.user_pool_id, req.username)
    listing = f"AdminListDevices {pool.pool_id} {user.sub}"
    wanted = PageRequest(call, listing, req.pagination_token, req.limit or LARGEST_PAGE)
    page = await _page(wanted, pool, user, only_remembered=False)
    described = [_described_to_admin(call, pool, user, device) for device in page.items]
    return AdminListDevicesResponse(devices=described, pagination_token=page.token)


async def update_device_status(
    call: Call, req: UpdateDeviceStatusRequest, bearer: Bearer
) -> UpdateDeviceStatusResponse:
    """Mark a device of the bearer as remembered or not remembered.

    Raises ResourceNotFoundException.
    """
    devices.require_tracking(bearer.pool)
    await _set_status(call, bearer.pool, bearer.user, req.device_key, req.device_remembered_status, bearer=bearer)
    return UpdateDeviceStatusResponse()


async def admin_update_device_status(
    call: Call, req: AdminUpdateDeviceStatusRequest
) -> AdminUpdateDeviceStatusResponse:
    """Mark a device of a user as remembered or not remembered.

    Raises UserNotFoundException, ResourceNotFoundException.
    """
    pool, user = await _require_user(call, req.user_pool_id, req.username)
    await _set_status(call, pool, user, req.device_key, req.device_remembered_status)
    return AdminUpdateDeviceStatusResponse()


async def forget_device(call: Call, req: ForgetDeviceRequest, bearer: Bearer) -> None:
    """Forget a device of the bearer.

    Raises ResourceNotFoundException.
    """
    devices.require_tracking(bearer.pool)
    await devices.forget(call, bearer.pool, bearer.user.sub, req.device_key, bearer=bearer)


async def admin_forget_device(call: Call, req: AdminForgetDeviceRequest) -> None:
    """Forget a device of a user.

    Raises UserNotFoundException, ResourceNotFoundException.
    """
    pool, user = await _require_user(call, req.user_pool_id, req.username)
    await devices.forget(call, pool, user.sub, req.device_key)


async def _require_user(call: Call, pool_id: str, name: str) -> tuple[Pool, User]:
    # UNVERIFIED: what AdminGetDevice and AdminListDevices say of an unknown user, whose models have no
    # UserNotFoundException; one such call would settle it.
    pool, user = await require_pool_and_user(call, pool_id, name)
    devices.require_tracking(pool)
    return pool, user


async def _set_status(
    call: Call, pool: Pool, user: User, device_key: str, status: str | None, *, bearer: Bearer | None = None
) -> None:
    """Set a status; the model does not require one, and a request without it leaves the device as it is."""
    # UNVERIFIED: what UpdateDeviceStatus without DeviceRememberedStatus does; one such call would settle it.
    if status is None:
        await devices.require(call, pool, user.sub, device_key)
        return
    await devices.set_remembered(call, pool, user.sub, device_key, remembered=status == REMEMBERED, bearer=bearer)


async def _page(wanted: PageRequest, pool: Pool, user: User, *, only_remembered: bool) -> Page[Device]:
    """Return a page of a user's devices."""
    call, after = wanted.call, wanted.after()
    rows = await devices.page(call, pool, user.sub, after=after, only_remembered=only_remembered, limit=wanted.limit)
    return wanted.cut(rows, lambda device: device.device_key)


def _described(device: Device, *, details: Mapping[str, str] | None = None) -> DeviceType:
    """Return a device as its user sees it; administrators see `details` instead of the address alone."""
    attributes = {
        "device_status": "valid",
        **({"device_name": device.name} if device.name else {}),
        **(details or {"last_ip_used": device.address}),
    }
    return DeviceType(
        device_key=device.device_key,
        device_attributes=attribute_list(attributes),
        device_create_date=seconds(device.created_at),
        device_last_modified_date=seconds(device.updated_at),
        device_last_authenticated_date=float(device.authenticated_at // SECOND),
    )


def _described_to_admin(call: Call, pool: Pool, user: User, device: Device) -> DeviceType:
    """Return a device with its `dev:` attributes, in the order of AWS's examples (AWS CLI: cognito-idp admin-get-device)."""
    owner = f"{user.username}.{pool.pool_id}"
    arn = f"arn:aws:cognito-idp:{pool.region}:{call.settings.account_id}:owner/{owner}/device/{device.device_key}"
    details = {
        "dev:device_arn": arn,
        "dev:device_owner": owner,
        "last_ip_used": device.address,
        "dev:device_remembered_status": device.remembered_status,
        "dev:device_sdk": "aws-sdk",
    }
    return _described(device, details=details)
