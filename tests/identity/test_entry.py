"""Who comes to an identity pool: guests, and users of user pools by their ID tokens."""

import base64
import json
from functools import partial
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA512

from api.forge import claims_of, forger
from api.world import REGION, World, refused
from identity.stage import IdentityPoolOfTests, beside, identity_pool, provider_of
from poolkeeper.clock import DAY, HOUR, MINUTE, SECOND
from poolkeeper.jobs.idle_guests import remove
from poolkeeper.model.job import IDLE_GUESTS, shard_of
from poolkeeper.store.due import Job

NO_GUESTS = ("NotAuthorizedException", "Unauthenticated access is not supported for this identity pool.")
UNSUPPORTED = ("NotAuthorizedException", "Token is not from a supported provider of this identity pool.")
NO_MATCH = (
    "NotAuthorizedException",
    "Logins don't match. Please include at least one valid login for this identity or identity pool.",
)


def forbidden(identity_id: str) -> tuple[str, str]:
    """Return the refusal of an identity that is not the caller's."""
    return "NotAuthorizedException", f"Access to Identity '{identity_id}' is forbidden."


def invalid(sentence: str) -> tuple[str, str]:
    """Return the refusal of a login token."""
    return "NotAuthorizedException", f"Invalid login token. {sentence}"


def test_a_user_is_the_same_identity_each_time(world: World) -> None:
    """By any token of theirs; somebody else is another one."""
    pool = identity_pool(world, users=("ada", "alan"))
    ada = pool.get_id(pool.logins("ada"))
    assert ada == pool.get_id(pool.logins("ada")) != pool.get_id(pool.logins("alan"))
    assert ada.startswith(f"{REGION}:")
    assert ada not in (pool.pool_id, pool.get_id())


def test_a_guest_is_a_new_identity_each_time(world: World) -> None:
    """The client keeps the id; its token says that nobody has signed in."""
    pool = identity_pool(world)
    first, second = pool.get_id(), pool.get_id()
    assert first != second
    answer = pool.token(first)
    assert answer["IdentityId"] == first
    assert claims_of(answer["Token"])["amr"] == ["unauthenticated"]


def test_guests_are_turned_away_where_they_are_not_wanted(world: World) -> None:
    """GetId without logins makes nothing (attacks.md 135); those who were guests before are none any more."""
    pool = identity_pool(world)
    guest = pool.get_id()
    pool.signed.update_identity_pool(
        IdentityPoolId=pool.pool_id, IdentityPoolName="tests", AllowUnauthenticatedIdentities=False
    )
    assert refused(pool.get_id) == NO_GUESTS
    assert refused(lambda: pool.get_id({})) == NO_GUESTS
    assert refused(lambda: pool.token(guest)) == NO_GUESTS


def test_the_token_is_what_others_can_verify(world: World) -> None:
    """Its claims and header are those of identity-security.md 1.5; the key comes by discovery, with its certificate."""
    pool = identity_pool(world)
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    token = pool.token(identity_id, logins)["Token"]
    now = world.clock.now() // SECOND
    sub = claims_of(logins[pool.provider])["sub"]
    assert claims_of(token) == {
        "sub": identity_id,
        "aud": pool.pool_id,
        "amr": ["authenticated", pool.provider, f"{pool.provider}:CognitoSignIn:{sub}"],
        "iss": world.url,
        "https://cognito-identity.amazonaws.com/identity-pool-arn": pool.arn,
        "exp": now + 600,
        "iat": now,
    }
    metadata = json.loads(world.get("/.well-known/openid-configuration")[2])
    assert (metadata["issuer"], metadata["id_token_signing_alg_values_supported"]) == (world.url, ["RS512"])
    jwks = json.loads(world.get(metadata["jwks_uri"].removeprefix(world.url))[2])
    header, payload, signature = token.split(".")
    head = json.loads(unpadded(header))
    assert (head["typ"], head["alg"], set(head)) == ("JWS", "RS512", {"kid", "typ", "alg"})
    key = next(one for one in jwks["keys"] if one["kid"] == head["kid"])
    assert set(key) == {"alg", "e", "kid", "kty", "n", "use", "x5c"}
    public = x509.load_der_x509_certificate(base64.b64decode(key["x5c"][0])).public_key()
    assert isinstance(public, RSAPublicKey)
    public.verify(unpadded(signature), f"{header}.{payload}".encode(), PKCS1v15(), SHA512())
    assert public.public_numbers().n == int.from_bytes(unpadded(key["n"]))


def unpadded(text: str) -> bytes:
    """Decode base64url."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_metadata_with_a_client_id_is_the_pools(world: World) -> None:
    """The public address is a user pool's for whoever names a client of it, as before."""
    pool = identity_pool(world)
    found = json.loads(world.get(f"/.well-known/openid-configuration?client_id={pool.client.client_id}")[2])
    assert found["issuer"] == f"{world.url}/{pool.client.pool.pool_id}"


@pytest.mark.parametrize("spelling", ["aws", "aws elsewhere", "own"])
def test_a_user_pool_has_several_names(world: World, spelling: str) -> None:
    """SDKs build AWS's name of any region, Amplify takes the issuer's address; DescribeIdentity tells the configured one."""
    pool = identity_pool(world)
    pool_id = pool.client.pool.pool_id
    names = {
        "aws": pool.provider,
        "aws elsewhere": f"cognito-idp.eu-north-1.amazonaws.com/{pool_id}",
        "own": f"{world.url.partition('://')[2]}/{pool_id}",
    }
    token = pool.logins("ada")[pool.provider]
    assert pool.get_id({names[spelling]: token}) == pool.get_id({pool.provider: token})
    configured = beside(
        world,
        pool.client,
        CognitoIdentityProviders=[{"ProviderName": names[spelling], "ClientId": pool.client.client_id}],
    )
    assert configured.token(configured.get_id({pool.provider: token}), {names["own"]: token})


def test_a_token_of_another_pool_or_client_is_refused(world: World) -> None:
    """The pool must be named, and the client too (attacks.md 137)."""
    pool, other = identity_pool(world), identity_pool(world)
    token, foreign = pool.logins("ada")[pool.provider], other.logins("ada")[other.provider]
    assert refused(lambda: pool.get_id({other.provider: foreign})) == UNSUPPORTED
    assert refused(lambda: pool.get_id({pool.provider: foreign})) == invalid("Issuer doesn't match providerName")
    second = pool.client.pool.client().tokens("ada")["IdToken"]
    assert refused(lambda: pool.get_id({pool.provider: second})) == UNSUPPORTED
    assert refused(lambda: pool.get_id({"accounts.google.com": token})) == UNSUPPORTED
    # One bad token fails the call, whatever the other proves.
    assert refused(lambda: pool.get_id({pool.provider: token, "accounts.google.com": token})) == UNSUPPORTED


def test_what_is_no_good_id_token_is_refused_in_awss_words(world: World) -> None:
    """An access token, a forged one, an expired one, none at all (identity-security.md 1.2), of somebody who is known here."""
    pool = identity_pool(world)
    tokens = pool.client.tokens("ada")
    identity_id = pool.get_id({pool.provider: tokens["IdToken"]})
    claims = claims_of(tokens["IdToken"])
    forged = tokens["IdToken"][:-8] + "AAAAAAAA"
    made = forger(world, pool.client.pool.pool_id)
    expired = made.sign({**claims, "exp": world.clock.now() // SECOND})
    cases = {
        tokens["AccessToken"]: "Missing a required claim: aud",
        forged: "Couldn't verify signed token.",
        expired: f"Token expired: {world.clock.now() // SECOND} >= {world.clock.now() // SECOND}",
        "no token": "Not a valid OpenId Connect identity token.",
        made.sign({**claims, "token_use": "access"}): "Not a valid OpenId Connect identity token.",
        made.sign({**claims, "iss": "https://example.com/x"}): "Issuer doesn't match providerName",
        made.sign({**claims, "sub": "a\0b"}): "Not a valid OpenId Connect identity token.",
        made.sign({**claims, "sub": "a" * 10_000}): "Not a valid OpenId Connect identity token.",
    }
    for token, sentence in cases.items():
        logins = {pool.provider: token}
        for entry in (
            partial(pool.get_id, logins),
            partial(pool.token, identity_id, logins),
            partial(pool.unsigned.get_credentials_for_identity, IdentityId=identity_id, Logins=logins),
        ):
            assert refused(entry) == invalid(sentence)


def test_a_token_that_was_derived_for_an_audience_is_no_sign_in(world: World) -> None:
    """Whoever exchanges tokens names its audience freely: the app client that the token was made for is in `azp`."""
    pool = identity_pool(world)
    claims = claims_of(pool.client.tokens("ada")["IdToken"])
    made = forger(world, pool.client.pool.pool_id)
    assert refused(lambda: pool.get_id({pool.provider: made.sign({**claims, "azp": "another"})})) == UNSUPPORTED
    assert pool.get_id({pool.provider: made.sign({**claims, "azp": claims["aud"]})})


def test_the_server_is_asked_where_the_pool_wants_it(world: World) -> None:
    """ServerSideTokenCheck: the token of whoever signed out, was disabled or deleted is refused; without it, taken."""
    plain = identity_pool(world, users=("ada", "alan", "grace"))
    entry = {"ProviderName": plain.provider, "ClientId": plain.client.client_id, "ServerSideTokenCheck": True}
    checked = beside(world, plain.client, CognitoIdentityProviders=[entry])
    held = {name: plain.logins(name) for name in ("ada", "alan", "grace")}
    ids = {name: checked.get_id(logins) for name, logins in held.items()}
    users = plain.client.pool
    users.admin("admin_user_global_sign_out", "ada")
    users.admin("admin_disable_user", "alan")
    users.admin("admin_delete_user", "grace")
    for name, logins in held.items():
        assert plain.get_id(logins)
        for work in (lambda: checked.get_id(logins), lambda: checked.token(ids[name], logins)):  # noqa: B023 - run at once
            assert refused(work)[0] == "NotAuthorizedException"


def test_an_identity_is_shown_to_whoever_proves_it(world: World) -> None:
    """A member's id alone is worth nothing, nor with somebody else's login (attacks.md 138)."""
    pool = identity_pool(world, users=("ada", "alan"))
    ada, alan = pool.logins("ada"), pool.logins("alan")
    identity_id = pool.get_id(ada)
    assert refused(lambda: pool.token(identity_id)) == forbidden(identity_id)
    assert refused(lambda: pool.token(identity_id, alan)) == NO_MATCH
    pool.get_id(alan)
    assert refused(lambda: pool.token(identity_id, alan)) == NO_MATCH
    assert pool.token(identity_id, ada)["IdentityId"] == identity_id


def test_a_guest_becomes_a_member_and_keeps_the_id(world: World) -> None:
    """A login that is new is linked to the guest, who is a guest no more (identity-security.md 1.3, 5)."""
    pool = identity_pool(world)
    guest, logins = pool.get_id(), pool.logins("ada")
    assert pool.token(guest, logins)["IdentityId"] == guest
    assert refused(lambda: pool.token(guest)) == forbidden(guest)
    assert pool.get_id(logins) == guest


def test_a_guest_who_is_known_becomes_who_they_were(world: World) -> None:
    """The login leads to a member: the guest is merged into it, and the answer's id is another than the request's."""
    pool = identity_pool(world)
    logins = pool.logins("ada")
    member, guest = pool.get_id(logins), pool.get_id()
    for _ in range(2):
        assert pool.token(guest, logins)["IdentityId"] == member
    assert refused(lambda: pool.token(guest)) == forbidden(guest)


def two_providers(world: World) -> tuple[IdentityPoolOfTests, dict[str, str], dict[str, str]]:
    """Make an identity pool of two user pools, and return it with the Logins of `ada` in each."""
    first, second = identity_pool(world, users=("ada", "alan")), identity_pool(world)
    entries = [{"ProviderName": provider_of(one.client), "ClientId": one.client.client_id} for one in (first, second)]
    both = beside(world, first.client, CognitoIdentityProviders=entries)
    return both, both.logins("ada"), {second.provider: second.client.tokens("ada")["IdToken"]}


def test_logins_that_are_proved_together_are_one_identity(world: World) -> None:
    """By one request, whichever of them is known already; both lead to it from then on."""
    pool, first, second = two_providers(world)
    identity_id = pool.get_id(first)
    assert pool.get_id({**first, **second}) == identity_id == pool.get_id(second)


def test_two_identities_become_one_where_a_login_of_each_is_proved(world: World) -> None:
    """The older stays; the other is disabled and leads to it only with a login."""
    pool, first, second = two_providers(world)
    older = pool.get_id(first)
    world.clock.advance(SECOND)
    newer = pool.get_id(second)
    assert older != newer
    assert refused(lambda: pool.token(older, second)) == NO_MATCH
    assert pool.token(older, {**first, **second})["IdentityId"] == older
    assert pool.get_id(second) == older == pool.token(newer, second)["IdentityId"]
    assert refused(lambda: pool.token(newer)) == forbidden(newer)


def test_an_id_of_two_merges_ago_leads_to_who_they_are(world: World) -> None:
    """A client that kept a guest's id meanwhile is led to the identity of its login, however many merges lie between."""
    pool, first, second = two_providers(world)
    older = pool.get_id(first)
    world.clock.advance(SECOND)
    newer, guest = pool.get_id(second), pool.get_id()
    assert pool.token(guest, second)["IdentityId"] == newer
    assert pool.token(older, {**first, **second})["IdentityId"] == older
    assert pool.token(guest, second)["IdentityId"] == older


def test_a_second_user_of_one_provider_is_a_conflict(world: World) -> None:
    """An identity has one login at each provider, whether they come together or one after the other."""
    pool, first, second = two_providers(world)
    own = f"{world.url.partition('://')[2]}/{pool.client.pool.pool_id}"
    alan = pool.logins("alan")[pool.provider]
    assert refused(lambda: pool.get_id({**first, own: alan}))[0] == "ResourceConflictException"
    pool.get_id({**first, **second})
    assert refused(lambda: pool.get_id({pool.provider: alan, **second}))[0] == "ResourceConflictException"


def test_the_classic_flow_can_be_switched_off(world: World) -> None:
    """Where it is off it refuses; where nobody said, and with true, it is let through."""
    for value, taken in ((None, True), (True, True), (False, False)):
        pool = identity_pool(world, users=(), **({} if value is None else {"AllowClassicFlow": value}))
        guest = pool.get_id()
        if taken:
            assert pool.token(guest)["Token"]
        else:
            assert refused(lambda: pool.token(guest)) == (  # noqa: B023 - run at once
                "InvalidParameterException",
                "Basic (classic) flow is not enabled, please use enhanced flow.",
            )


def test_a_network_makes_so_many_guests_in_an_hour(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each is a row for a year; members are let in all the same, and an hour later guests too."""
    pool, other = identity_pool(world), identity_pool(world)
    monkeypatch.setattr(type(world.house.settings), "guests_per_network_per_hour", 3)
    for _ in range(3):
        pool.get_id()
    assert refused(pool.get_id)[0] == "LimitExceededException"
    assert pool.get_id(pool.logins("ada"))
    assert other.get_id()
    world.clock.advance(HOUR)
    assert pool.get_id()


def test_a_forwarded_address_gives_no_second_budget(world: World, wire: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """attacks.md 96: whoever comes directly is who they are, whatever X-Forwarded-For says."""
    pool = identity_pool(world, users=())
    monkeypatch.setattr(type(world.house.settings), "guests_per_network_per_hour", 2)
    body = json.dumps({"IdentityPoolId": pool.pool_id}).encode()
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSCognitoIdentityService.GetId"}
    answers = [wire.send(body, {**headers, "X-Forwarded-For": f"192.0.2.{number}"}) for number in range(4)]
    assert [one.status for one in answers] == [200, 200, 400, 400]


def test_guests_whom_nobody_calls_are_removed(world: World) -> None:
    """After `guest_days` without a call; who is called now and then stays, and so do members."""
    pool = identity_pool(world)
    logins = pool.logins("ada")
    member, idle, used = pool.get_id(logins), pool.get_id(), pool.get_id()
    world.clock.advance(200 * DAY)
    pool.token(used)
    world.clock.advance(165 * DAY + MINUTE)
    world.run(lambda: _clean(world))
    found = {
        row[0] for row in world.rows("SELECT identity_id FROM identities WHERE identity_pool_id = $1", pool.pool_id)
    }
    assert found == {member, used}
    assert refused(lambda: pool.token(idle))[0] == "ResourceNotFoundException"


async def _clean(world: World) -> None:
    """Do one round of the worker's over all identity pools."""
    job = Job(shard_of(IDLE_GUESTS), IDLE_GUESTS, IDLE_GUESTS, "", 0, None, 0)
    while (await remove(world.house, job) or 0) <= world.clock.now():
        pass
