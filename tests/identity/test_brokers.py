"""Credentials that another STS makes: what it is asked, what its answers become, and what happens where it gives none."""

import contextlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from api.forge import claims_of
from api.principals import allow, role
from api.world import World, refused
from functions.receiver import Answer, Received, Receiver, receiving
from identity.stage import IdentityPoolOfTests, credentials, identity_pool, session_arn, set_roles, trust_for
from poolkeeper.broker_settings import BrokerSetting, broker_of, read_brokers
from poolkeeper.identities import brokers
from poolkeeper.settings import SettingsError, load

ELSEWHERE = "arn:aws:iam:::role/elsewhere"
MISCONFIGURED = (
    "InvalidIdentityPoolConfigurationException",
    "Invalid identity pool configuration. Check assigned IAM roles for this pool.",
)
CREDENTIALS = """<?xml version="1.0" encoding="UTF-8"?>
<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult>
<Credentials><AccessKeyId>ASIAELSEWHERE0000001</AccessKeyId><SecretAccessKey>s3cret+/of/theirs</SecretAccessKey>
<SessionToken>token/of=theirs</SessionToken><Expiration>2031-05-06T07:08:09.123456789Z</Expiration></Credentials>
</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""
OWN_PREFIX = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": ["arn:aws:s3:::store/${cognito-identity.amazonaws.com:sub}/*"],
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": "arn:aws:s3:::store",
            "Condition": {"StringLike": {"s3:prefix": "${cognito-identity.amazonaws.com:sub}/*"}},
        },
    ],
}


@contextlib.contextmanager
def endpoint(world: World, answer: Answer | Callable[[Received], Answer]) -> Iterator[Receiver]:
    """Run an endpoint in the server's own loop."""
    stack = contextlib.AsyncExitStack()
    receiver = world.run(lambda: stack.enter_async_context(receiving(answer)))
    try:
        yield receiver
    finally:
        world.run(stack.aclose)


def brokered(monkeypatch: pytest.MonkeyPatch, world: World, pool_id: str, **keys: Any) -> None:
    """Give an identity pool a broker, as a table of poolkeeper.toml does."""
    entry = BrokerSetting(identity_pool_id=pool_id, **{"kind": "sts", **keys})
    monkeypatch.setattr(type(world.house.settings), "brokers", (entry,))


def made(pool: IdentityPoolOfTests, identity_id: str, logins: dict[str, str] | None = None) -> dict[str, Any]:
    """Call GetCredentialsForIdentity."""
    given = {} if logins is None else {"Logins": logins}
    answer: dict[str, Any] = pool.unsigned.get_credentials_for_identity(IdentityId=identity_id, **given)
    return answer


def test_the_endpoint_is_shown_the_identitys_token_and_its_credentials_are_the_answer(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unsigned; the role is passed on as the pool names it, whatever it is; the answer's hour is the endpoint's."""
    pool = identity_pool(world)
    set_roles(pool, ELSEWHERE)
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    with endpoint(world, Answer(body=CREDENTIALS.encode())) as there:
        brokered(monkeypatch, world, pool.pool_id, endpoint=there.url, policy=json.dumps(OWN_PREFIX, indent=1))
        answer = made(pool, identity_id, logins)
    assert answer["IdentityId"] == identity_id
    held = answer["Credentials"]
    assert (held["AccessKeyId"], held["SecretKey"], held["SessionToken"]) == (
        "ASIAELSEWHERE0000001",
        "s3cret+/of/theirs",
        "token/of=theirs",
    )
    assert held["Expiration"].isoformat().startswith("2031-05-06T07:08:09")
    [asked] = there.received
    assert (asked.method, asked.path) == ("POST", "/")
    assert "authorization" not in asked.headers
    assert b"+" not in asked.body
    form = {name: value for name, [value] in parse_qs(asked.body.decode(), strict_parsing=True).items()}
    claims = claims_of(form.pop("WebIdentityToken"))
    assert (claims["sub"], claims["aud"], claims["iss"]) == (identity_id, pool.pool_id, world.url)
    assert "authenticated" in claims["amr"]
    policy = form.pop("Policy")
    assert form == {
        "Action": "AssumeRoleWithWebIdentity",
        "Version": "2011-06-15",
        "RoleArn": ELSEWHERE,
        "RoleSessionName": "CognitoIdentityCredentials",
        "DurationSeconds": "3600",
    }
    assert " " not in policy
    resource, condition = (
        one[key] for one, key in zip(json.loads(policy)["Statement"], ("Resource", "Condition"), strict=True)
    )
    assert resource == [f"arn:aws:s3:::store/{identity_id.replace(':', '?')}/*"]
    assert condition == {"StringLike": {"s3:prefix": f"{identity_id}/*"}}


def test_our_own_sts_is_such_an_endpoint(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """So another Poolkeeper is, and AWS: the trust policy judges there, guests are narrowed as AWS narrows them."""
    pool = identity_pool(world)
    rights = (allow("cognito-idp:ListUserPools", "iam:ListUsers"),)
    members = role(world, trust_for(pool), allows=rights)
    guests = role(world, trust_for(pool, amr="unauthenticated"), allows=rights)
    set_roles(pool, members, guests)
    brokered(monkeypatch, world, pool.pool_id, kind="aws", endpoint=world.url)
    logins = pool.logins("ada")
    member = credentials(pool, pool.get_id(logins), logins)
    assert member.arn == session_arn(members)
    member.client("iam").list_users()
    guest = credentials(pool, pool.get_id())
    assert guest.arn == session_arn(guests)
    guest.client().list_user_pools(MaxResults=1)
    assert refused(lambda: guest.client("iam").list_users())[1].endswith(
        "because no session policy allows the iam:ListUsers action"
    )
    set_roles(pool, guests, members)
    assert refused(lambda: credentials(pool, pool.get_id(logins), logins)) == MISCONFIGURED
    assert refused(lambda: credentials(pool, pool.get_id())) == MISCONFIGURED


def error(code: str) -> bytes:
    """Return an error as an STS writes it; Ceph's have no namespace, and no text."""
    return (
        f"<ErrorResponse><Error><Code>{code}</Code><Message>quotes eyJhbGci</Message></Error></ErrorResponse>".encode()
    )


UNAVAILABLE = ("ExternalServiceException", "The service that issues credentials cannot be reached.")
CLAIMS = ("NotAuthorizedException", "Access to the role is refused for this identity.")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(403, error("AccessDenied")), MISCONFIGURED),
        (Answer(400, error("MalformedPolicyDocument")), MISCONFIGURED),
        (Answer(400, error("InvalidIdentityToken")), MISCONFIGURED),
        (Answer(403, b"<Error><Code>AccessDenied</Code></Error>"), MISCONFIGURED),
        (Answer(403, b"{}"), MISCONFIGURED),
        (Answer(400, error("ExpiredTokenException")), CLAIMS),
        (Answer(403, error("IDPRejectedClaim")), CLAIMS),
        (Answer(400, error("IDPCommunicationError")), UNAVAILABLE),
        (Answer(400, error("Throttling")), UNAVAILABLE),
        (Answer(404, error("NoSuchEntity")), MISCONFIGURED),
        (Answer(404, b"<html/>"), UNAVAILABLE),
        (Answer(429, error("Whatever")), UNAVAILABLE),
        (Answer(503, b"busy"), UNAVAILABLE),
        (Answer(302, b"", {"Location": "http://localhost:1/"}), UNAVAILABLE),
        (Answer(200, b"{}"), UNAVAILABLE),
        (Answer(200, b"<!DOCTYPE a []><a/>"), UNAVAILABLE),
        (Answer(200, CREDENTIALS.replace("ASIAELSEWHERE0000001", "").encode()), UNAVAILABLE),
        (Answer(200, CREDENTIALS.replace("2031-05-06T", "soon").encode()), UNAVAILABLE),
        (Answer(200, CREDENTIALS.encode() + b" " * 70_000), UNAVAILABLE),
        (Answer(drop=True), UNAVAILABLE),
    ],
    ids=lambda value: None if isinstance(value, Answer) else value[0],
)
def test_what_the_endpoint_refuses_is_an_error_of_the_operations(
    world: World, monkeypatch: pytest.MonkeyPatch, answer: Answer, expected: tuple[str, str]
) -> None:
    """Which of them is said by the error's name; of the endpoint's words neither the caller nor the log gets any."""
    pool = identity_pool(world, users=())
    set_roles(pool, unauthenticated=ELSEWHERE)
    with endpoint(world, answer) as there:
        brokered(monkeypatch, world, "*", endpoint=there.url)
        assert refused(lambda: made(pool, pool.get_id())) == expected
    assert b"eyJhbGci" not in b"\n".join(world.log)


def test_an_endpoint_that_hangs_holds_up_nobody_for_long(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each call ends by itself, and those that are too many at once end without one."""
    pool = identity_pool(world, users=())
    set_roles(pool, unauthenticated=ELSEWHERE)
    monkeypatch.setattr(brokers, "_SECONDS", 0.2)
    guest = pool.get_id()
    with endpoint(world, Answer(hang=True)) as there:
        brokered(monkeypatch, world, "*", endpoint=there.url)
        assert refused(lambda: made(pool, guest)) == UNAVAILABLE
        assert not world.house.memory.broker_calls
        monkeypatch.setattr(brokers, "_MOST_AT_ONCE", 0)
        assert refused(lambda: made(pool, guest)) == UNAVAILABLE
        assert len(there.received) == 1


def test_a_policy_that_no_sts_takes_is_not_left_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is too long once the ids are in it: nobody gets more because of that."""
    pool = identity_pool(world, users=())
    set_roles(pool, unauthenticated=ELSEWHERE)
    long = json.dumps({"Statement": [], "Id": "x" * 2_048})
    with endpoint(world, Answer(body=CREDENTIALS.encode())) as there:
        brokered(monkeypatch, world, "*", endpoint=there.url, policy=long)
        assert refused(lambda: made(pool, pool.get_id())) == MISCONFIGURED
        assert there.received == []


def test_a_role_that_the_pool_lacks_is_asked_of_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the id of another's identity opens nothing, as ever."""
    pool = identity_pool(world)
    set_roles(pool, ELSEWHERE)
    logins = pool.logins("ada")
    member = pool.get_id(logins)
    with endpoint(world, Answer(body=CREDENTIALS.encode())) as there:
        brokered(monkeypatch, world, "*", endpoint=there.url)
        assert refused(lambda: made(pool, pool.get_id())) == MISCONFIGURED
        assert refused(lambda: made(pool, member))[0] == "NotAuthorizedException"
        assert there.received == []


def settings_of(folder: Path, text: str, **flags: Any) -> tuple[BrokerSetting, ...]:
    """Write poolkeeper.toml, read it, and return its brokers."""
    (folder / "poolkeeper.toml").write_text(text)
    return load({"data": str(folder), "dev": True} | flags, {})[0].brokers


def test_an_identity_pools_own_table_goes_before_that_of_all(tmp_path: Path) -> None:
    """Also where it says that Poolkeeper makes them; AWS is asked in the region of the pool, or in one that is named."""
    (tmp_path / "own.json").write_text('{"Statement": []}')
    entries = settings_of(
        tmp_path,
        """
        [brokers."*"]
        kind = "aws"
        [brokers."eu-central-1:00000000-0000-4000-8000-000000000000"]
        kind = "own"
        [brokers."eu-central-1:00000000-0000-4000-8000-000000000001"]
        kind = "sts"
        endpoint = "https://store.example.com/"
        policy = "own.json"
        """,
    )
    ids = [f"eu-central-1:00000000-0000-4000-8000-00000000000{n}" for n in range(3)]
    assert broker_of(entries, ids[0]) is None
    there, aws = broker_of(entries, ids[1]), broker_of(entries, ids[2])
    assert there is not None
    assert aws is not None
    assert (there.url("eu-central-1"), there.policy) == ("https://store.example.com", '{"Statement": []}')
    assert aws.url("eu-central-1") == "https://sts.eu-central-1.amazonaws.com"
    assert aws.url("cn-north-1") == "https://sts.cn-north-1.amazonaws.com.cn"
    named = BrokerSetting(identity_pool_id="*", kind="aws", region="us-west-2")
    assert named.url("eu-central-1") == "https://sts.us-west-2.amazonaws.com"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('brokers = "own"', "holds tables"),
        ('[brokers."eu-central-1_abc"]\nkind = "aws"', "names an identity pool by its id"),
        ('[brokers]\n"*" = "aws"', "must be a table"),
        ('[brokers."*"]', "kind must be one of own, sts, aws"),
        ('[brokers."*"]\nkind = ["sts"]', "kind must be one of own, sts, aws"),
        ('[brokers."*"]\nkind = "sts"', "endpoint is missing"),
        ('[brokers."*"]\nkind = "sts"\nendpoint = "http://store.example.com"', "endpoint must be the https:// address"),
        ('[brokers."*"]\nkind = "sts"\nendpoint = "https://u:p@store.example.com"', "endpoint must be"),
        ('[brokers."*"]\nkind = "sts"\nendpoint = "https://store.example.com:x"', "endpoint must be"),
        ('[brokers."*"]\nkind = "sts"\nendpoint = "http://[::1"', "endpoint must be"),
        ('[brokers."*"]\nkind = "aws"\nregion = "Frankfurt"', "region must be a region"),
        ('[brokers."*"]\nkind = "aws"\npolicy = "a.json"', "there is no key policy; kind aws takes region, endpoint"),
        ('[brokers."*"]\nkind = "own"\nregion = "eu-central-1"', "there is no key region; kind own takes none"),
        ('[brokers."*"]\nkind = "sts"\nendpoint = "http://127.0.0.1:1"\npolicy = "a.json"', "cannot be read"),
        ('identity_issuer = "aws"\n[brokers."*"]\nkind = "aws"', "no token of identity_issuer aws"),
    ],
)
def test_what_is_wrong_in_a_table_is_told_at_the_start(tmp_path: Path, text: str, told: str) -> None:
    """With the name of the table and what would be right."""
    with pytest.raises(SettingsError, match="brokers") as fault:
        settings_of(tmp_path, text)
    assert told in str(fault.value)


def test_only_the_file_names_brokers(tmp_path: Path) -> None:
    """No variable and no flag does."""
    with pytest.raises(SettingsError, match=r"only poolkeeper\.toml"):
        load({"data": str(tmp_path), "dev": True}, {"POOLKEEPER_BROKERS": "x"})
    assert read_brokers({}, folder=tmp_path) == ((), [])
