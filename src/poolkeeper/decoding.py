"""How does a row become what it means? Its documents are decoded and its secrets opened, each for the place it was sealed for."""

import msgspec

from poolkeeper.call import House
from poolkeeper.model.client import Client, ClientSecret
from poolkeeper.model.group import Group
from poolkeeper.model.pool import Pool
from poolkeeper.model.scopes import SIGN_IN_SCOPE
from poolkeeper.model.second_factor import Mfa
from poolkeeper.model.session import Session
from poolkeeper.model.user import Credential, User
from poolkeeper.secret import Secret
from poolkeeper.store.clients import ClientRow
from poolkeeper.store.groups import GroupRow
from poolkeeper.store.pools import PoolRow
from poolkeeper.store.sessions import SessionRow
from poolkeeper.store.user_row import UserRow

_decode = msgspec.json.Decoder().decode


def pool_of(house: House, row: PoolRow) -> Pool:
    """Decode a row of store/pools.py."""
    return Pool.of(
        pool_id=row.pool_id,
        region=row.region,
        version=row.version,
        document=_decode(row.document),
        preferences=_decode(row.preferences),
        secret=house.sealer.open_column(row.secret, **secret_key(row.pool_id)),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def client_of(house: House, row: ClientRow) -> Client:
    """Decode a row of store/clients.py."""
    sealed = house.sealer.open_column(row.secret, **client_secret_key(row.pool_id, row.client_id))
    return Client.of(
        client_id=row.client_id,
        pool_id=row.pool_id,
        version=row.version,
        document=_decode(row.document),
        secrets=tuple(ClientSecret(listed[0], Secret(listed[1]), listed[2]) for listed in _decode(sealed)),
        implicit_write=house.settings.implicit_write,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def user_of(pool_id: str, row: UserRow) -> User:
    """Decode a user's row of store/users.py."""
    return User(
        pool_id=pool_id,
        sub=row.user_id,
        username=row.username,
        status=row.status,
        enabled=bool(row.enabled),
        attributes=_decode(row.attributes),
        credential=_credential_of(row),
        credential_version=row.credential_version,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        mfa=Mfa.of(row.mfa),
    )


def _credential_of(row: UserRow) -> Credential | None:
    if row.password_hash is None or row.password_set_at is None:
        return None
    return Credential(
        password_hash=row.password_hash,
        srp_salt=row.srp_salt,
        srp_verifier=row.srp_verifier,
        set_at=row.password_set_at,
    )


def session_of(row: SessionRow) -> Session:
    """Decode a row of store/sessions.py; one from before scopes were kept has that of a sign-in by the API."""
    return Session(
        session_id=row.session_id,
        user_id=row.user_id,
        client_id=row.client_id,
        event_id=row.event_id,
        auth_time=row.auth_time,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        generation=row.generation,
        rotated_at=row.rotated_at,
        factors=tuple((row.factors or "").split()),
        device_key=row.device_key,
        acr=row.acr,
        scopes=(SIGN_IN_SCOPE,) if row.scopes is None else tuple(row.scopes.split()),
        opened_at=row.opened_at,
        browser_session_id=row.browser_session_id,
        resource=row.resource,
        client_url=row.client_url,
        jkt=row.jkt,
    )


def group_of(row: GroupRow) -> Group:
    """Decode a row of store/groups.py."""
    return Group(**msgspec.structs.asdict(row))


def secret_key(pool_id: str) -> dict[str, str]:
    """Name the place that a pool's secret is sealed for."""
    return {"table": "pools", "key": pool_id, "column": "secret"}


def seal_secrets(house: House, pool_id: str, client_id: str, secrets: tuple[ClientSecret, ...]) -> bytes:
    """Return an app client's secrets, sealed for its row."""
    listed = [[secret.secret_id, secret.value.reveal(), secret.created_at] for secret in secrets]
    return house.sealer.seal_column(msgspec.json.encode(listed), **client_secret_key(pool_id, client_id))


def client_secret_key(pool_id: str, client_id: str) -> dict[str, str]:
    """Name the place that an app client's secrets are sealed for."""
    return {"table": "clients", "key": f"{pool_id}/{client_id}", "column": "secret"}
