"""How does what a seed file asks for come to be? By the functions of the API; what is there already stays as it is."""

import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from poolkeeper.accounts import software_tokens
from poolkeeper.accounts.passwords import check_policy
from poolkeeper.aws.generated.cognito_idp import (
    AdminAddUserToGroupRequest,
    AdminSetUserPasswordRequest,
    AttributeType,
)
from poolkeeper.call import Call, House, own_call
from poolkeeper.crypto import totp
from poolkeeper.errors import (
    GroupExistsException,
    InvalidParameterException,
    ServiceError,
    TermsExistsException,
    UsernameExistsException,
)
from poolkeeper.lookup import require_group, require_pool_and_subject, require_pool_and_user
from poolkeeper.model.pool import Pool
from poolkeeper.operations.cognito_idp.admin_users import admin_create_user
from poolkeeper.operations.cognito_idp.domains import create_user_pool_domain
from poolkeeper.operations.cognito_idp.groups import create_group
from poolkeeper.operations.cognito_idp.identity_providers import create_identity_provider
from poolkeeper.operations.cognito_idp.memberships import admin_add_user_to_group
from poolkeeper.operations.cognito_idp.passwords import admin_set_user_password
from poolkeeper.operations.cognito_idp.resource_servers import create_resource_server
from poolkeeper.operations.cognito_idp.terms import create_terms
from poolkeeper.server.seeding import making_pools, making_rights, making_settings
from poolkeeper.server.seeding.reading import Entry, SeedError, StillGoing, at_line, gathered, in_pool
from poolkeeper.store import domains, identity_providers, resource_servers

# Takes the call, the owner of the entry (a pool's id or a user's name) and the entry; returns whether it was made.
Make = Callable[[Call, str, Entry], Awaitable[bool]]


@dataclass(slots=True)
class Planted:
    """What came of the entries of a file: how many were there before, those that wait for the next start, what was refused."""

    file: object
    before: int = 0
    waiting: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


async def plant(house: House, entries: Sequence[Entry], *, file: object) -> Planted:
    """Make everything that is not there yet, except what waits for the next start because its old rows are still being removed.

    The worker that removes them starts after the seed, so waiting for it here would never end. Raises SeedError with all
    that was refused; the rest is made.
    """
    planted = Planted(file)
    for entry in entries:
        await _plant(house, "", entry, planted)
    if planted.faults:
        raise SeedError(planted.faults)
    return planted


async def _plant(house: House, owner: str, entry: Entry, planted: Planted) -> None:
    owner = owner or str(entry.own.get("id") or entry.request.user_name if entry.kind in _OWNERS else "")
    try:
        is_new = await _MAKES[entry.kind](_call(house, _region(house, owner, entry)), owner, entry)
    except StillGoing as fault:
        planted.waiting.append(at_line(planted.file, entry.line, str(fault)))
        return
    except SeedError as several:
        planted.faults += [at_line(planted.file, entry.line, fault) for fault in several.faults]
        return
    except ServiceError as fault:
        planted.faults.append(at_line(planted.file, entry.line, fault.message))
        return
    planted.before += not is_new
    for child in entry.children:
        await _plant(house, owner, child, planted)


def _region(house: House, owner: str, entry: Entry) -> str:
    """Return the region that the id of a pool begins with; what is IAM's has none, and gets that of the settings."""
    if entry.kind == "identity_pools":
        return owner.partition(":")[0]
    return house.settings.region if entry.kind in making_rights.MAKES else owner.rpartition("_")[0]


def _call(house: House, region: str) -> Call:
    return replace(own_call(house), region=region)


async def _domain(call: Call, pool_id: str, entry: Entry) -> bool:
    if await domains.pool_of(call.db, entry.request.domain) == pool_id:
        return False
    await create_user_pool_domain(call, in_pool(entry, pool_id))
    return True


async def _resource_server(call: Call, pool_id: str, entry: Entry) -> bool:
    if await resource_servers.find(call.db, pool_id=pool_id, identifier=entry.request.identifier) is not None:
        return False
    await create_resource_server(call, in_pool(entry, pool_id))
    return True


async def _identity_provider(call: Call, pool_id: str, entry: Entry) -> bool:
    """Make an identity provider; nothing is fetched for it but metadata that are given by their address."""
    if await identity_providers.find(call.db, pool_id=pool_id, name=entry.request.provider_name) is not None:
        return False
    await create_identity_provider(call, in_pool(entry, pool_id))
    return True


async def _terms(call: Call, pool_id: str, entry: Entry) -> bool:
    try:
        await create_terms(call, in_pool(entry, pool_id))
    except TermsExistsException:
        return False
    return True


async def _group(call: Call, pool_id: str, entry: Entry) -> bool:
    try:
        await create_group(call, in_pool(entry, pool_id))
    except GroupExistsException:
        return False
    return True


async def _user(call: Call, pool_id: str, entry: Entry) -> bool:
    """Make a user, CONFIRMED where there is a `password`; nobody is invited by a file unless it says so.

    A user who is there keeps password and groups as they are. Raises SeedError with all that the pool does not take,
    before anything is made: a user who was half made would stay so.
    """
    own, request = entry.own, in_pool(entry, pool_id)
    pool, subject = await require_pool_and_subject(call, pool_id, request.username)
    if subject.user is not None:
        return False
    await _check_user(call, pool, entry)
    given = [AttributeType(name=name, value=str(value)) for name, value in own.get("attributes", {}).items()]
    mediums, action = request.desired_delivery_mediums, request.message_action
    request = replace(
        request,
        user_attributes=[*(request.user_attributes or []), *given],
        message_action=action or (None if mediums else "SUPPRESS"),
    )
    try:
        await admin_create_user(call, request, chosen_sub=_sub(own.get("sub")))
    except UsernameExistsException:
        return False
    if "password" in own:
        await admin_set_user_password(
            call,
            AdminSetUserPasswordRequest(
                user_pool_id=pool_id, username=request.username, password=own["password"], permanent=True
            ),
        )
    for group in own.get("groups", ()):
        await admin_add_user_to_group(
            call, AdminAddUserToGroupRequest(user_pool_id=pool_id, username=request.username, group_name=str(group))
        )
    if (secret := totp.secret_of(own.get("totp_secret", ""))) is not None:
        _, user = await require_pool_and_user(call, pool_id, request.username)
        await software_tokens.give(call, pool, user.sub, secret)
    return True


async def _check_user(call: Call, pool: Pool, entry: Entry) -> None:
    """Raise SeedError for passwords that the pool refuses, groups that it lacks, and authenticator apps that it does not offer."""
    faults: list[str] = []
    for password in (entry.own.get("password"), entry.request.temporary_password):
        with gathered(faults):
            if password is not None:
                check_policy(pool, password)
    for group in entry.own.get("groups", ()):
        with gathered(faults, before=f"group {group}: "):
            await require_group(call.db, pool, str(group))
    if "totp_secret" in entry.own:
        with gathered(faults):
            software_tokens.require_offered(pool)
        if totp.secret_of(entry.own["totp_secret"]) is None:
            faults.append("totp_secret is no secret of an authenticator app: 26 to 103 letters and digits of base32.")
    if faults:
        raise SeedError(faults)


_MAKES: Mapping[str, Make] = {
    **making_pools.MAKES,
    "domains": _domain,
    "resource_servers": _resource_server,
    "identity_providers": _identity_provider,
    "groups": _group,
    "terms": _terms,
    "users": _user,
    **making_settings.MAKES,
    **making_rights.MAKES,
}
# The kinds that own other entries, by their id or their name.
_OWNERS = frozenset({"user_pools", "iam_users", "identity_pools"})


def _sub(chosen: str | None) -> str | None:
    """Return a chosen sub. Raises InvalidParameterException for what is no UUID in its canonical text."""
    try:
        if chosen is None or str(uuid.UUID(chosen)) == chosen:
            return chosen
    except ValueError:
        pass
    raise InvalidParameterException(f"sub {chosen!r} is no UUID in small letters.")
