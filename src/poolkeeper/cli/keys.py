"""Which keys are there? `poolkeeper keys`: access keys that sign administration, and the keys that seal the database."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from poolkeeper.cli.shared import STORAGE, refuse, with_flags, with_house
from poolkeeper.server import terminal

if TYPE_CHECKING:
    from poolkeeper.call import House
    from poolkeeper.model.iam import Entity

_NO_KEY = "No access key is enabled now: nobody can sign administration until poolkeeper keys create, or enable."


@click.group()
def keys() -> None:
    """Access keys, with which administration is signed, and the keys that seal the database."""


@keys.command("create")
@with_flags(*STORAGE)
@click.option("--name", default="administrator", show_default=True, help="The user whose key it is, made if not there.")
@click.option(
    "--policy",
    default="",
    help="What the user may do: the name of a managed policy, or its ARN. Needed for a new user.",
)
def keys_create(name: str, policy: str, **flags: Any) -> None:
    """Make an access key of a user, to whom a managed policy is attached; its secret is printed once.

    A user who is there already needs none. All their keys may do what the policy allows: where they could not before, they
    are named.
    """
    from poolkeeper.errors import ServiceError

    async def work(house: "House") -> None:
        try:
            await _make_key(house, name=name, policy=policy)
        except ServiceError as fault:
            refuse([fault.message])

    with_house(flags, work)


async def _make_key(house: "House", *, name: str, policy: str) -> None:
    """Make the user where there is none, attach the policy if any, make a key, and say what it is; raises ServiceErrors."""
    from poolkeeper.aws import constraints
    from poolkeeper.aws.generated import iam as shapes
    from poolkeeper.call import own_call
    from poolkeeper.errors import ServiceError
    from poolkeeper.model.iam import Kind
    from poolkeeper.operations.iam import access_keys, attachments, users
    from poolkeeper.operations.iam_lookup import named_policy_arn, require
    from poolkeeper.store import access_keys as stored_keys
    from poolkeeper.store import iam_entities, iam_policies

    call = own_call(house)
    if await iam_entities.find(house.db, Kind.USER, name) is None:
        _require_policy(policy)
    policy_arn = await named_policy_arn(call, policy) if policy else ""
    if await iam_entities.find(house.db, Kind.USER, name) is None:
        request = shapes.CreateUserRequest(user_name=name)
        constraints.check(request)
        await users.create_user(call, request)
    user = await require(house.db, Kind.USER, name)
    attached_before = await iam_policies.attached_to(house.db, Kind.USER, user.entity_id)
    other_keys = [key.access_key_id for key in await stored_keys.of_user(house.db, user.entity_id)]
    creation = await access_keys.create_access_key(call, shapes.CreateAccessKeyRequest(user_name=name))
    key = creation.access_key
    try:
        if policy_arn:
            attachment = shapes.AttachUserPolicyRequest(user_name=name, policy_arn=policy_arn)
            await attachments.attach(Kind.USER)(call, attachment)
    except ServiceError:
        unused = shapes.DeleteAccessKeyRequest(user_name=name, access_key_id=key.access_key_id)
        await access_keys.delete_access_key(call, unused)
        raise
    click.echo(f"AWS_ACCESS_KEY_ID={key.access_key_id}\nAWS_SECRET_ACCESS_KEY={key.secret_access_key}")

    await _tell_rights(house, user)
    wider = set(await iam_policies.attached_to(house.db, Kind.USER, user.entity_id)) - set(attached_before)
    if wider and other_keys:
        click.echo(
            f"{policy} is new to {name}: from now on their other keys may do it too: {', '.join(other_keys)}.", err=True
        )


def _require_policy(policy: str) -> None:
    """Refuse a new user without a policy: a key that may do nothing helps nobody."""
    from poolkeeper.operations import iam_aws_policies

    if not policy:
        refuse(
            [
                "What may the key do? Name a policy:",
                *(f"  --policy {known_policy.name}" for known_policy in iam_aws_policies.every()),
            ]
        )


async def _tell_rights(house: "House", user: "Entity") -> None:
    from poolkeeper.model.iam import Kind
    from poolkeeper.rights.policies import rights_of_entity

    rights = await rights_of_entity(house, Kind.USER, user.entity_id)
    allowed = f"what its user {user.name} may: {', '.join(granted.name for granted in rights.identity)}"
    may = allowed if rights.identity else f"nothing yet: its user {user.name} has no policy"
    click.echo(f"It may do {may}.", err=True)


@keys.command("list")
@with_flags(*STORAGE)
def keys_list(**flags: Any) -> None:
    """List access keys; their secrets cannot be shown again."""
    from poolkeeper.store import access_keys

    async def work(house: "House") -> None:
        for key in await access_keys.every(house.db):
            state = "enabled" if key.enabled else "disabled"
            click.echo(f"{key.access_key_id}  {state:8}  {'root' if key.root else key.name}")

    with_house(flags, work)


@keys.command("disable")
@with_flags(*STORAGE)
@click.argument("access_key_id")
def keys_disable(access_key_id: str, **flags: Any) -> None:
    """Switch an access key off; it stays in the list."""
    _change_key(flags, access_key_id, "disabled")


@keys.command("enable")
@with_flags(*STORAGE)
@click.argument("access_key_id")
def keys_enable(access_key_id: str, **flags: Any) -> None:
    """Switch an access key on again."""
    _change_key(flags, access_key_id, "enabled")


@keys.command("delete")
@with_flags(*STORAGE)
@click.argument("access_key_id")
def keys_delete(access_key_id: str, **flags: Any) -> None:
    """Remove an access key for good."""
    _change_key(flags, access_key_id, "deleted")


@keys.command("end-sessions")
@with_flags(*STORAGE)
@click.argument("role_or_identity")
def keys_end_sessions(role_or_identity: str, **flags: Any) -> None:
    """End all sessions of a role, or of an identity by its id, that there are now; those who may have one may begin another."""
    from poolkeeper.call import own_call
    from poolkeeper.errors import ServiceError
    from poolkeeper.identities.pools import require_pool_of, unknown_identity
    from poolkeeper.model.iam import Kind
    from poolkeeper.operations.iam_changes import change
    from poolkeeper.operations.iam_lookup import require
    from poolkeeper.store import iam_entities, identities
    from poolkeeper.store.db import Transaction

    async def work(house: "House") -> None:
        call = own_call(house)

        async def end_of_identity() -> None:
            pool = await require_pool_of(call, role_or_identity)

            async def end(tx: Transaction) -> None:
                if not await identities.end_sessions_before(
                    tx, identity_pool_id=pool.identity_pool_id, identity_id=role_or_identity, moment=call.now + 1
                ):
                    raise unknown_identity(role_or_identity)

            await house.db.write(end)

        async def end(tx: Transaction) -> None:
            role = await require(tx, Kind.ROLE, role_or_identity)
            # Those of this millisecond too.
            await iam_entities.end_sessions_before(tx, role.entity_id, call.now + 1)

        try:
            # No name of a role has a colon, and every id of an identity has one.
            await (end_of_identity() if ":" in role_or_identity else change(call, end))
        except ServiceError as fault:
            refuse([fault.message])

    with_house(flags, work)
    click.echo(f"The sessions of {role_or_identity} have ended.")


@keys.command("rotate-sealing")
@with_flags(*STORAGE)
def keys_rotate_sealing(**flags: Any) -> None:
    """Add a sealing key and seal everything anew under it; running servers follow, and nobody's session is lost."""
    from poolkeeper.crypto.keyring import KeyRingError
    from poolkeeper.server.resealing import reseal

    async def work(house: "House") -> None:
        try:
            house.sealer.ring.add(house.entropy)
        except KeyRingError as fault:
            refuse([f"Nothing is changed. {fault}"])
        house.sealer.refresh()
        click.echo(f"New sealing key {house.sealer.writing_key_id}. Sealing anew:")
        resealed = await reseal(house, progress=lambda table, count: click.echo(f"  {table}: {count}"))
        # Once more, for what was being written when the key came.
        resealed += await reseal(house, progress=lambda *_: None)
        click.echo(f"{resealed} values. `poolkeeper doctor` says when the old key may go.")

    with_house(flags, work)


@keys.command("rotate-identity")
@with_flags(*STORAGE)
def keys_rotate_identity(**flags: Any) -> None:
    """Make the next key that signs the tokens of identity pools; it is published at once and signs once caches have it."""
    from poolkeeper.identities import issuer

    async def work(house: "House") -> issuer.NextKey:
        return await issuer.rotate(house)

    next_key = with_house(flags, work)
    click.echo(
        f"Key {next_key.kid} signs from {next_key.hours} hours on, and the old one verifies for a day more.\n"
        f"Systems that know keys by the thumbprint of their certificate need this one before: {next_key.thumbprint}"
    )


@keys.command("retire-sealing")
@with_flags(*STORAGE)
@click.argument("key_id")
def keys_retire_sealing(key_id: str, **flags: Any) -> None:
    """Take an old sealing key out of the ring, once nothing is sealed under it any more."""
    from poolkeeper.server.resealing import UpkeepError, retire

    async def work(house: "House") -> str:
        try:
            copy = await retire(house, key_id)
        except UpkeepError as fault:
            refuse([str(fault)])
        return str(copy.absolute())

    kept = with_house(flags, work)
    click.echo(f"{key_id} is gone. A copy is kept, in case that an old backup is needed: {kept}")


@keys.command("create-sealing")
@click.argument("file", type=click.Path(path_type=Path))
def keys_create_sealing(file: Path) -> None:
    """Make a ring of sealing keys in FILE, once for all servers of a database."""
    from poolkeeper.entropy import Entropy
    from poolkeeper.server.start import CannotStart, create_ring

    path = file.absolute()
    try:
        created = create_ring(path, Entropy())
    except CannotStart as fault:
        refuse(terminal.cannot_start(fault.what))
    if not created:
        refuse([f"{path} is there already, and keys are never overwritten."])
    click.echo(
        f"Made {path}. Keep a copy in another place than the database: without it nothing can be opened.\n"
        f"Name it to every server: POOLKEEPER_SEALING_KEY_FILE={path}"
    )


def _change_key(flags: dict[str, Any], access_key_id: str, change: str) -> None:
    from poolkeeper.call import own_call
    from poolkeeper.operations import iam_changes
    from poolkeeper.server import first_key
    from poolkeeper.store import access_keys
    from poolkeeper.store.db import Transaction

    async def body(tx: Transaction) -> int:
        if change == "deleted":
            return await access_keys.delete(tx, access_key_id)
        return await access_keys.set_enabled(tx, access_key_id, enabled=change == "enabled")

    async def work(house: "House") -> int:
        key = await access_keys.find(house.db, access_key_id)
        if change == "deleted" and access_key_id == house.settings.root_access_key_id:
            refuse(_comes_back(access_key_id))
        changed = await iam_changes.change(own_call(house), body)
        if changed and change == "deleted":
            if first_key.forget(house.settings, access_key_id):
                click.echo(f"{first_key.file_of(house.settings)} is gone with it.")
            elif key is not None and key.root:
                click.echo("A server that has it in POOLKEEPER_ROOT_ACCESS_KEY_ID brings it back at its next start.")
        if changed and not any(remaining.enabled for remaining in await access_keys.every(house.db)):
            click.echo(_NO_KEY, err=True)
        return changed

    if with_house(flags, work) != 1:
        refuse([f"There is no access key {access_key_id}."])
    click.echo(f"{access_key_id} is {change}.")


def _comes_back(access_key_id: str) -> list[str]:
    return [
        f"{access_key_id} is the key in POOLKEEPER_ROOT_ACCESS_KEY_ID: the next start would bring it back.",
        f"Take it out of the settings first, or switch it off, which stays: poolkeeper keys disable {access_key_id}",
    ]
