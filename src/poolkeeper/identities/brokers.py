"""Whose credentials does an identity get where Poolkeeper makes none? Those of another STS, which receives our token.

The call is AssumeRoleWithWebIdentity, unsigned, as AWS makes it itself (identity-security.md 2.3): to AWS, to Ceph, to MinIO,
to another Poolkeeper. Only that STS judges whether a role may be taken, and what the role may do.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from poolkeeper.broker_settings import LONGEST_POLICY, BrokerSetting, is_plain_here
from poolkeeper.call import Call
from poolkeeper.clock import SECOND
from poolkeeper.egress import EgressFailed, EgressRefused, Response
from poolkeeper.errors import (
    ExternalServiceException,
    InvalidIdentityPoolConfigurationException,
    ServiceError,
)
from poolkeeper.errors.refusals import Reason, refused
from poolkeeper.identities.role_choice import MISCONFIGURED
from poolkeeper.model.identity_pool import IdentityPool
from poolkeeper.rights.tokens import Temporary
from poolkeeper.secret import Secret
from poolkeeper.xml_reader import BadXml, Element, read

# UNVERIFIED: the words; an STS behind AWS that does not answer would settle them.
_UNAVAILABLE = "The service that issues credentials cannot be reached."
_SECONDS = 5.0
_MAX_ANSWER = 64 * 1024
_DURATION = 3_600
# How many calls to one endpoint may be under way: an endpoint that hangs holds up no more than these.
_MOST_AT_ONCE = 64
_OF_THE_TOKEN = frozenset({"ExpiredTokenException", "ExpiredToken", "IDPRejectedClaim"})
_COME_AGAIN = frozenset(
    {"IDPCommunicationError", "Throttling", "ThrottlingException", "SlowDown", "RequestLimitExceeded"}
)
_RESOURCES = frozenset({"Resource", "NotResource"})
_SUBJECT, _AUDIENCE = "${cognito-identity.amazonaws.com:sub}", "${cognito-identity.amazonaws.com:aud}"


async def session(
    call: Call,
    broker: BrokerSetting,
    pool: IdentityPool,
    *,
    role_arn: str,
    session_name: str,
    identity_id: str,
    token: str,
    guest: bool,
) -> Temporary:
    """Return a session of a role at a broker's endpoint, for an hour; `token` is the identity's, of our issuer.

    Raises InvalidIdentityPoolConfigurationException where the endpoint refuses the role, NotAuthorizedException where it
    refuses the token's claims or its time, ExternalServiceException where it does not answer, or not as an STS.
    """
    form = {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": role_arn,
        "RoleSessionName": session_name,
        "WebIdentityToken": token,
        "DurationSeconds": str(_DURATION),
    }
    if policy := _policy(call, broker, pool, identity_id, guest=guest):
        form["Policy"] = policy
    answer = await _post(call, broker.url(pool.region), form)
    if answer.status != 200:
        raise _refusal(answer)
    return _credentials(answer)


def narrowed_to(policy: str, *, identity_id: str, identity_pool_id: str) -> str:
    """Return the text of a policy with an identity's ids instead of its variables, without insignificant blanks.

    In a resource each colon of an id becomes `?`, which stands for any one character: Ceph 16 takes no colon after the bucket,
    and no two ids differ in their colons alone (identity-security.md 2.4). A number becomes its own text, as `policy` reads it:
    1.10 is not 1.1.
    """
    ids = {_SUBJECT: identity_id, _AUDIENCE: identity_pool_id}
    return json.dumps(
        _replaced(json.loads(policy, parse_int=str, parse_float=str), ids, in_resource=False), separators=(",", ":")
    )


def _replaced(value: Any, ids: Mapping[str, str], *, in_resource: bool) -> Any:
    if isinstance(value, dict):
        return {
            key: _replaced(member, ids, in_resource=in_resource or key in _RESOURCES) for key, member in value.items()
        }
    if isinstance(value, list):
        return [_replaced(member, ids, in_resource=in_resource) for member in value]
    if isinstance(value, str):
        for variable, own_id in ids.items():
            value = value.replace(variable, own_id.replace(":", "?") if in_resource else own_id)
    return value


def _policy(call: Call, broker: BrokerSetting, pool: IdentityPool, identity_id: str, *, guest: bool) -> str:
    """Return the policy that narrows the session: the entry's own, and for guests at AWS the one that AWS narrows guests to.

    Raises InvalidIdentityPoolConfigurationException for a policy that is too long for any STS.
    """
    of_guests = call.house.guest_policy if guest and broker.kind == "aws" else None
    text = of_guests.text if of_guests is not None else broker.policy
    if not text:
        return ""
    narrowed = narrowed_to(text, identity_id=identity_id, identity_pool_id=pool.identity_pool_id)
    if len(narrowed) > LONGEST_POLICY:
        detail = f"the policy that narrows the session has {len(narrowed)} characters, more than {LONGEST_POLICY}"
        raise InvalidIdentityPoolConfigurationException(MISCONFIGURED, detail=detail)
    return narrowed


async def _post(call: Call, url: str, form: Mapping[str, str]) -> Response:
    under_way = call.house.memory.broker_calls
    if under_way[url] >= _MOST_AT_ONCE:
        raise ExternalServiceException(_UNAVAILABLE, detail=f"{url}: too many calls are under way")
    under_way[url] += 1
    try:
        return await call.house.egress.request(
            "POST",
            f"{url}/",
            headers={"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Poolkeeper"},
            # A blank is written as %20: Ceph 16 does not read `+` as a blank.
            body=urlencode(form, quote_via=quote).encode(),
            timeout_seconds=_SECONDS,
            max_bytes=_MAX_ANSWER,
            private=True,  # The operator named it.
            plain_http=is_plain_here(url),
        )
    except (EgressRefused, EgressFailed) as fault:
        raise ExternalServiceException(_UNAVAILABLE, detail=str(fault)) from None
    finally:
        under_way[url] -= 1
        if not under_way[url]:
            del under_way[url]


def _refusal(answer: Response) -> ServiceError:
    """Return the error that our caller gets for the endpoint's error; of its text the log gets only the error's name."""
    code = _code(answer.body)
    detail = f"the endpoint answered {answer.status} {code}".rstrip()
    no_sts = not 400 <= answer.status < 500 or (answer.status == 404 and not code)
    if no_sts or answer.status == 429 or code in _COME_AGAIN:
        return ExternalServiceException(_UNAVAILABLE, detail=detail)
    if code in _OF_THE_TOKEN:
        return refused(Reason.CLAIMS_REFUSED, detail=detail)
    return InvalidIdentityPoolConfigurationException(MISCONFIGURED, detail=detail)


def _credentials(answer: Response) -> Temporary:
    """Return the credentials of an answer; raises ExternalServiceException where it holds none."""
    try:
        credentials = read(answer.body).find(".//{*}Credentials")
        expires_at = datetime.fromisoformat(_text(credentials, "Expiration"))
        expires_at = expires_at.replace(tzinfo=expires_at.tzinfo or UTC)
        return Temporary(
            access_key_id=_text(credentials, "AccessKeyId"),
            secret=Secret(_text(credentials, "SecretAccessKey")),
            token=_text(credentials, "SessionToken"),
            expires_at=int(expires_at.timestamp()) * SECOND,
            packed_percent=None,
        )
    except (BadXml, ValueError, OverflowError) as fault:
        detail = f"the endpoint's answer holds no credentials: {type(fault).__name__}"
        raise ExternalServiceException(_UNAVAILABLE, detail=detail) from None


def _text(parent: Element | None, name: str) -> str:
    """Return the text of a child; raises BadXml where there is none."""
    text = "" if parent is None else (parent.findtext(f"{{*}}{name}") or "").strip()
    if not text or not text.isprintable():
        raise BadXml(f"no {name}")
    return text


def _code(body: bytes) -> str:
    """Return the name of an error, empty where the body holds none."""
    try:
        code = (read(body).findtext(".//{*}Code") or "").strip()
    except BadXml:
        return ""
    return code if code.isascii() and code.replace(".", "").isalnum() and len(code) <= 100 else ""
