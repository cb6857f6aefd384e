"""Whose is an access key, or a session token beside one? Read at each call, so what was switched off or deleted is off at once.

One statement says whose a key is and how often users, roles and policies have changed (rights/policies.py).
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

import msgspec

from poolkeeper import access_keys
from poolkeeper.cache import Cache
from poolkeeper.call import Caller, House, Signer
from poolkeeper.errors import UnrecognizedClientException
from poolkeeper.model.iam import Kind as EntityKind
from poolkeeper.model.iam import entity_arn
from poolkeeper.model.principal import (
    Claims,
    Kind,
    Principal,
    assumed_role_arn,
    federated_user_arn,
    root_arn,
)
from poolkeeper.rights import tokens
from poolkeeper.secret import Secret
from poolkeeper.store import callers, iam_changes
from poolkeeper.store.callers import KeyRow, SessionRow

_NOT_STORED = b"the secret of the key that everybody knows"


class SignerFinder:
    """Finds who may have signed, for the endpoint: one statement for each request.

    What is remembered is the opened secret, by the sealed one.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._opened: Cache[bytes, Secret] = Cache(1_024)

    async def __call__(self, access_key_id: str, token: str | None, now: int) -> Signer:
        """Return who an access key and the session token beside it stand for.

        Raises UnrecognizedClientException and ExpiredSecurityTokenException.
        """
        if token is not None:
            claims, secret = tokens.opened(self._house, token, access_key_id=access_key_id, now=now)
            return Signer(access_key_id, secret, await _of_session(self._house, claims))
        row = await _key_row(self._house, access_key_id)
        if row is None:
            raise UnrecognizedClientException(tokens.INVALID, detail=_ways_out(self._house, access_key_id))
        principal = _of_key(self._house.settings.account_id, row)
        return Signer(access_key_id, self._secret(row), principal)

    def _secret(self, row: KeyRow) -> Secret:
        if row.sealed_secret is _NOT_STORED:
            return access_keys.TEST_KEY_SECRET
        sealed = bytes(row.sealed_secret)
        secret = self._opened.get(sealed)
        if secret is None:
            secret = access_keys.opened(self._house, row.access_key_id, sealed)
            self._opened.put(sealed, secret)
        return secret


async def current(house: House, caller: Caller) -> Principal:
    """Return who a caller is by now, whose signature was proved before.

    Raises UnrecognizedClientException.
    """
    if caller.principal.session is not None:
        return await _of_session(house, caller.principal.session)
    row = await _key_row(house, caller.access_key_id)
    if row is None:
        raise UnrecognizedClientException(tokens.INVALID)
    return _of_key(house.settings.account_id, row)


async def _key_row(house: House, access_key_id: str) -> KeyRow | None:
    """Return an access key: a stored one, else in development the one that everybody knows."""
    row = await callers.by_key(house.db, access_key_id)
    if row is None and access_key_id == access_keys.TEST_KEY_ID and house.settings.has_test_key:
        changes = await iam_changes.number(house.db)
        return KeyRow(access_key_id, _NOT_STORED, 1, 1, None, None, None, None, changes)
    return row


def _ways_out(house: House, access_key_id: str) -> str:
    """Return for the log what somebody can do whose key is not there."""
    advice = "test / test signs here; " if house.settings.has_test_key else ""
    return f"no access key {access_key_id[:32]}: {advice}poolkeeper keys create makes one, poolkeeper status says more"


async def _of_session(house: House, claims: Claims) -> Principal:
    """Return the principal of a session, whose role or key must still be what it was when the session began.

    Raises UnrecognizedClientException.
    """
    account = house.settings.account_id
    if claims.kind is Kind.ROLE:
        return await _of_role_session(house, claims)
    row = await _key_row(house, claims.parent_key_id)
    owner = None if row is None else _of_key(account, row)
    if owner is None or owner.owner_id != claims.owner_id:
        raise UnrecognizedClientException(tokens.INVALID, detail="the session's access key is gone")
    return _of_user(owner, claims)


async def _of_role_session(house: House, claims: Claims) -> Principal:
    """Return the principal of a role's session, whose role, identity and user must still be there and not have ended it.

    Raises UnrecognizedClientException.
    """
    vouched = claims.web_identity
    identity = None if vouched is None else vouched.identity
    users = () if vouched is None else vouched.users
    identity_pool_id, identity_id = identity or ("", "")
    session: SessionRow | None = None
    # Logins of several user pools at once are rare, and cost a statement each.
    for pool_id, user_id in users or (("", ""),):
        session = await callers.by_session(
            house.db,
            role_id=claims.owner_id,
            identity_pool_id=identity_pool_id,
            identity_id=identity_id,
            pool_id=pool_id,
            user_id=user_id,
        )
        if session is None:
            break
        if identity is not None and session.identity_id is None:
            raise UnrecognizedClientException(tokens.INVALID, detail="the session's identity is gone")
        if user_id and not session.user_enabled:
            raise UnrecognizedClientException(tokens.INVALID, detail="the session's user is disabled or gone")
    assert session is not None, "the count of changes is always there"
    if _ended(claims, session.identity_issued_before):
        raise UnrecognizedClientException(tokens.INVALID, detail="the sessions of the identity were ended")
    if claims.unknown_role_arn:
        return unknown_role(claims)
    if session.role_name is None:
        raise UnrecognizedClientException(tokens.INVALID, detail="the session's role is gone")
    if _ended(claims, session.issued_before):
        raise UnrecognizedClientException(tokens.INVALID, detail="the sessions of the role were ended")
    return _of_role(house.settings.account_id, session, claims)


def _ended(claims: Claims, issued_before: int | None) -> bool:
    return issued_before is not None and claims.issued_at < issued_before


def _of_key(account_id: str, row: KeyRow) -> Principal:
    """Return whose a key is; raises UnrecognizedClientException for one that is off, or whose user is gone."""
    if not row.enabled:
        raise UnrecognizedClientException(tokens.INVALID, detail="the access key is off")
    if row.root:
        arn = root_arn(account_id)
        return Principal(
            kind=Kind.ROOT,
            account_id=account_id,
            arn=arn,
            unique_id=account_id,
            owner_id=account_id,
            owner_arn=arn,
            root=True,
            changes=row.changes,
        )
    if row.user_id is None or row.user_name is None:
        raise UnrecognizedClientException(tokens.INVALID, detail="the access key is nobody's")
    arn = entity_arn(account_id, EntityKind.USER, path=row.path or "/", name=row.user_name)
    return Principal(
        kind=Kind.USER,
        account_id=account_id,
        arn=arn,
        unique_id=row.user_id,
        owner_id=row.user_id,
        owner_arn=arn,
        owner_name=row.user_name,
        tags=_tags(row.tags or "{}"),
        changes=row.changes,
    )


def _of_role(account_id: str, row: SessionRow, claims: Claims) -> Principal:
    name = row.role_name or ""
    return Principal(
        kind=Kind.ROLE,
        account_id=account_id,
        arn=assumed_role_arn(account_id=account_id, role_name=name, session_name=claims.session_name),
        unique_id=f"{claims.owner_id}:{claims.session_name}",
        owner_id=claims.owner_id,
        owner_arn=entity_arn(account_id, EntityKind.ROLE, path=row.path or "/", name=name),
        owner_name=name,
        tags={**_tags(row.tags or "{}"), **claims.tags},
        changes=row.changes,
        session=claims,
    )


def unknown_role(claims: Claims) -> Principal:
    """Return a session of a role that IAM does not hold: a name in that role's account, and no rights here."""
    account_id, name = claims.unknown_role_arn.split(":")[4], claims.owner_name
    return Principal(
        kind=Kind.ROLE,
        account_id=account_id,
        arn=assumed_role_arn(account_id=account_id, role_name=name, session_name=claims.session_name),
        unique_id=f"{claims.owner_id}:{claims.session_name}",
        owner_id=claims.owner_id,
        owner_arn=claims.unknown_role_arn,
        owner_name=name,
        tags=claims.tags,
        session=claims,
    )


def _of_user(owner: Principal, claims: Claims) -> Principal:
    """Return a session of a user or of root, or of somebody whom one of them vouches for."""
    if claims.kind is not Kind.FEDERATED:
        return replace(owner, session=claims)
    return replace(
        owner,
        kind=Kind.FEDERATED,
        arn=federated_user_arn(account_id=owner.account_id, name=claims.session_name),
        unique_id=f"{owner.account_id}:{claims.session_name}",
        tags={**owner.tags, **claims.tags},
        session=claims,
    )


@lru_cache(maxsize=1_024)
def _tags(text: str) -> Mapping[str, str]:
    tags: dict[str, str] = msgspec.json.decode(text)
    return tags
