"""What does every trigger get? An event, whose envelope and user attributes are written here (userpools.md 6.1)."""

import re
from collections.abc import Mapping
from typing import Any

from poolkeeper.call import Call
from poolkeeper.lookup import Subject
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.model.user import User

Event = dict[str, Any]

NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
UNKNOWN_SDK = "aws-sdk-unknown-unknown"
_SDK = re.compile(r"(?<![^ ])(aws-sdk-[a-z0-9-]{1,32})/([A-Za-z0-9.-]{1,32})(?![^ ])")


def event_of(
    pool: Pool,
    *,
    source: str,
    username: str,
    client_id: str | None,
    request: Mapping[str, Any],
    response: Mapping[str, Any],
    sdk: str = UNKNOWN_SDK,
    version: str = "1",
) -> Event:
    """Return an event: the members of all events around `request` and `response`, whose defaults are AWS's.

    `client_id` is None where an administrator calls.
    """
    return {
        "version": version,
        "region": pool.region,
        "userPoolId": pool.pool_id,
        "userName": username,
        "callerContext": {"awsSdkVersion": sdk, "clientId": client_id or NO_CLIENT},
        "triggerSource": source,
        "request": dict(request),
        "response": dict(response),
    }


def event_of_call(
    call: Call,
    pool: Pool,
    client: Client | None,
    *,
    source: str,
    username: str,
    request: Mapping[str, Any],
    response: Mapping[str, Any] | None = None,
    metadata: Mapping[str, str] | None = None,
    version: str = "1",
) -> Event:
    """Return the event of a call, whose ClientMetadata is `metadata`."""
    return event_of(
        pool,
        source=source,
        username=username,
        client_id=None if client is None else client.client_id,
        request={**request, **client_metadata(metadata)},
        response=response or {},
        sdk=sdk_version(call.user_agent),
        version=version,
    )


def client_metadata(metadata: Mapping[str, str] | None) -> dict[str, Any]:
    """Return `clientMetadata`, which is absent where none was sent."""
    return {"clientMetadata": dict(metadata)} if metadata else {}


def validation_data(data: Mapping[str, str] | None) -> dict[str, Any]:
    """Return `validationData`, which is null where none was sent."""
    return {"validationData": dict(data) if data else None}


def told_attributes(pool: Pool, user: User) -> dict[str, str]:
    """Return the attributes of an existing user in an event: their own, their sub, status and aliases."""
    return {
        **user.attributes,
        "sub": user.sub,
        "cognito:user_status": user.status,
        **_aliases(pool, user),
    }


def about(pool: Pool, client: Client, subject: Subject) -> dict[str, Any]:
    """Return the members of an event's request about the person who signs in.

    A ghost has no attributes. `userNotFound` is there only where the client hides who exists (Developer guide, pages of the
    pre authentication and the challenge triggers).
    """
    # UNVERIFIED: that the key is absent, not false, with PreventUserExistenceErrors LEGACY; one event would settle it.
    user = subject.user
    return {
        "userAttributes": {} if user is None else told_attributes(pool, user),
        **({"userNotFound": user is None} if client.hides_existence else {}),
    }


def username_of(subject: Subject) -> str:
    """Return the `userName` of an event: a user's stored name, and for a ghost the name that was typed."""
    return subject.name if subject.user is None else subject.user.username


def sdk_version(user_agent: str) -> str:
    """Return the `awsSdkVersion` that a User-Agent names: `aws-sdk-js/3.1` becomes `aws-sdk-js-3.1`."""
    # UNVERIFIED: what AWS makes of SDKs with other names (Boto3, aws-cli); one event from each would settle it.
    match = _SDK.search(user_agent)
    return UNKNOWN_SDK if match is None else f"{match[1]}-{match[2]}"


def _aliases(pool: Pool, user: User) -> dict[str, str]:
    """Return `cognito:email_alias` and `cognito:phone_number_alias`: the addresses by which the user may sign in."""
    # UNVERIFIED: that a sign-in name by UsernameAttributes is told before it is verified, as events pasted in public
    # repositories have it (userName a UUID, email_verified "false"); one event from such a pool would settle it.
    return {
        f"cognito:{name}_alias": user.attributes[name]
        for name in ("email", "phone_number")
        if user.attributes.get(name)
        and (name in pool.username_attributes or (name in pool.alias_attributes and user.verified(name)))
    }
