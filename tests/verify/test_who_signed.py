"""A verifier says who signed, and refuses everything that is not clearly theirs."""

import pytest

from api.principals import Holder, allow, deny, document, person, role, trust
from api.world import World, refused
from identity.stage import credentials, identity_pool, session_arn, set_roles, trust_for
from poolkeeper.clock import HOUR, MINUTE
from poolkeeper.store import identities
from poolkeeper.store.db import Transaction
from verify.stage import FORMER_SECRET, HOST, Asker, root, sign

PROXIES = ["nginx", "caddy", "traefik", "envoy", "python"]
MISMATCH = "The request signature we calculated does not match the signature you provided."


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_key_and_a_session_are_named(world: World, proxy: str) -> None:
    """By ARN, account and id; of an identity's credentials the identity and its pool too."""
    asked = Asker(world, proxy=proxy)
    ada = person(world)
    answer = asked(sign(ada, "PUT", "/a//b/../c%20d?x=1&a=%2F", body=b"text"))
    if proxy in {"nginx", "caddy", "traefik", "envoy"}:
        # The body went by them, and its hash was not sent.
        assert (answer.status, MISMATCH in answer.body) == (403, True)
    answer = asked(sign(ada, "PUT", "/a//b/../c%20d?x=1&a=%2F", body=b"text", hashed=True))
    assert (answer.status, answer.arn) == (200, ada.arn)
    assert answer.headers["x-poolkeeper-account"] == "000000000000"
    assert answer.headers["x-poolkeeper-access-key-id"] == ada.access_key_id
    assert answer.headers["x-poolkeeper-identity-id"] == ""
    assert answer.headers["cache-control"] == "no-store"

    pool = identity_pool(world)
    set_roles(pool, role(world, trust_for(pool)))
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    held = credentials(pool, identity_id, logins)
    answer = asked(sign(held))
    assert (answer.status, answer.arn) == (200, held.arn)
    assert answer.headers["x-poolkeeper-identity-id"] == identity_id
    assert answer.headers["x-poolkeeper-identity-pool-id"] == pool.pool_id
    assert asked(sign(root(world))).arn.endswith(":root")


def test_nobody_asks_without_the_secret(world: World) -> None:
    """Neither of two is missing; an unknown verifier answers as one that does not know who asks."""
    signed = sign(root(world))
    assert Asker(world, secret=FORMER_SECRET)(signed).status == 200
    for secret in (None, "", "secret-of-the-prox", "secret-of-the-proxy2", "secret-of-the-pröxy"):
        answer = Asker(world, secret=secret)(signed)
        assert (answer.status, answer.body) == (403, '{"message":"Whoever asks is not known to this verifier."}')
        assert "x-poolkeeper-principal-arn" not in answer.headers
    unknown = Asker(world, name="nobody")(signed)
    assert (unknown.status, unknown.body) == (403, '{"message":"Whoever asks is not known to this verifier."}')


def test_a_host_that_is_none_of_the_verifiers_is_named(world: World) -> None:
    """A port that was left out, a bucket in the host: whoever set it up reads which. What is no host is not repeated."""
    asked, ada = Asker(world, name="s3"), person(world)
    for host in ("elsewhere.test", f"{HOST}:9000", f"store.{HOST}", "[::1]:9000"):
        answer = asked(sign(ada, service="s3", host=host))
        assert (answer.status, f"is for the host {host}, which is none of" in answer.body) == (
            403,
            True,
        )
    for host in ("<b>elsewhere.test", "elsewhere.test ada", f"{'e' * 256}.test"):
        answer = asked(sign(ada, service="s3").but(host=host))
        assert (answer.status, "elsewhere" in answer.body or "eeee" in answer.body) == (403, False)
        assert "The request is for another host." in answer.body


def test_what_is_not_signed_is_unauthorized(world: World) -> None:
    """401, so that a proxy can ask for credentials; everything else is 403."""
    unsigned = sign(root(world)).but(headers={"Authorization": None, "X-Amz-Date": None})
    answer = Asker(world)(unsigned)
    assert (answer.status, answer.body) == (401, '{"message":"Missing Authentication Token"}')
    answer = Asker(world)(unsigned.but(headers={"Authorization": "Bearer abc"}))
    assert answer.status == 403


def test_whatever_is_changed_on_the_way_is_refused(world: World) -> None:
    """Method, path, query, host, service, time, a header that was signed, the secret key."""
    asked = Asker(world)
    signed = sign(root(world), content_type="text/plain")
    assert asked(signed).status == 200
    changed = [
        signed.but(method="POST"),
        signed.but(target="/a/c?c=d"),
        signed.but(target="/a/b?c=e"),
        signed.but(target="/a/b?c=d&e="),
        signed.but(target="/a/b"),
        signed.but(host="127.0.0.1"),
        signed.but(headers={"content-type": "text/html"}),
        sign(root(world), host="elsewhere.test"),
        sign(root(world), host="elsewhere.test").but(host=HOST),
        sign(root(world), service="s3"),
        sign(root(world), service="execute-api"),
        sign(root(world), service="sts"),
    ]
    for one in changed:
        assert asked(one).status == 403
    told = asked(sign(root(world), service="execute-api"))
    assert "Credential should be scoped to correct service: 'things'." in told.body


def test_every_sign_of_a_signature_counts(world: World) -> None:
    """A header that is changed at any place is refused, and never an accident."""
    asked = Asker(world)
    signed = sign(person(world))
    header = signed.headers["Authorization"]
    for place in range(0, len(header), 7):
        other = "a" if header[place] != "a" else "b"
        status = asked(signed.but(headers={"Authorization": header[:place] + other + header[place + 1 :]})).status
        assert status == 403


def test_a_session_token_is_its_keys_own_and_whole(world: World) -> None:
    """Another's, a changed one, none, or one whose time is over (attacks.md 139)."""
    asked = Asker(world)
    ada, trusting = person(world, allow("sts:AssumeRole")), role(world, trust({"AWS": "*"}))
    held, other = ada.assume(trusting), ada.assume(trusting)
    signed = sign(held)
    assert asked(signed).arn == held.arn
    assert held.token is not None
    for token in (other.token, held.token[:-8] + "AAAAAAA=", held.token[:-4], "", None, "x" * 5_000):
        assert asked(signed.but(headers={"X-Amz-Security-Token": token})).status == 403
        held.token, before = token, held.token
        if token:
            assert asked(sign(held)).status == 403
        held.token = before
    world.clock.advance(HOUR)
    told = asked(sign(held))
    assert (told.status, "expired" in told.body) == (403, True)


def test_who_is_off_deleted_or_ended_is_nobody(world: World) -> None:
    """At the next question: the key, the user, the role."""
    asked = Asker(world)
    iam = world.client("iam")
    ada = person(world, allow("sts:AssumeRole"))
    arn = role(world, trust({"AWS": "*"}))
    held = ada.assume(arn)
    iam.update_access_key(UserName=ada.name, AccessKeyId=ada.access_key_id, Status="Inactive")
    assert asked(sign(ada)).status == 403
    assert asked(sign(held)).status == 200
    iam.delete_role(RoleName=arn.rpartition("/")[2])
    assert asked(sign(held)).status == 403


def test_a_request_is_heard_for_five_minutes(world: World) -> None:
    """Neither an old one nor one of the future (attacks.md 36)."""
    asked = Asker(world)
    signed = sign(root(world))
    world.clock.advance(5 * MINUTE)
    assert asked(signed).status == 200
    world.clock.advance(1_000)
    told = asked(signed)
    assert (told.status, "Signature expired" in told.body) == (403, True)
    future = sign(root(world))
    world.clock.time -= 6 * MINUTE
    told = asked(future)
    world.clock.time += 6 * MINUTE
    assert (told.status, "Signature not yet current" in told.body) == (403, True)


@pytest.mark.parametrize("proxy", PROXIES)
def test_a_client_tells_nothing_in_the_names_of_the_proxy(world: World, proxy: str) -> None:
    """The headers of other proxies are not looked at; those in which a verifier answers are refused."""
    asked = Asker(world, proxy=proxy)
    signed = sign(root(world))
    foreign = {
        "nginx": {"X-Forwarded-Method": "PUT", "X-Forwarded-Uri": "/x", "X-Forwarded-Host": "x"},
        "caddy": {"X-Original-Method": "PUT", "X-Original-URI": "/x", "X-Original-Host": "x"},
    }
    foreign["python"], foreign["traefik"] = foreign["nginx"], foreign["caddy"]
    foreign["envoy"] = {**foreign["nginx"], **foreign["caddy"]}
    assert asked(signed, **foreign[proxy]).status == 200
    for forged in ("X-Poolkeeper-Principal-Arn", "X_Poolkeeper_Principal_Arn", "x-poolkeeper-anything"):
        assert asked(signed, **{forged: "arn:aws:iam::000000000000:root"}).status == 403
    for alike in ("x_amz_date", "X-Amz_Date", "x_amz_copy_source"):
        assert asked(signed, **{alike: "20300101T000000Z"}).status == 403
    assert asked(signed, **{"X-Amz-Meta-More": "unsigned"}).status == 403


def test_an_address_with_two_readings_is_refused(world: World) -> None:
    """No absolute form, no fragment, no backslash."""
    asked = Asker(world)
    for target in (f"http://{HOST}/a/b?c=d", "a/b?c=d", "/a/b?c=d#e", "/a\\b?c=d", "", "*"):
        told = asked(sign(root(world)).but(target=target))
        assert told.status == 403
        assert MISMATCH not in told.body


def test_the_api_is_judged_by_method_and_path(world: World) -> None:
    """execute-api:Invoke on the ARN of api, stage, method and path; an explicit denial wins."""
    asked = Asker(world, name="api")
    base = "arn:aws:execute-api:eu-west-1:000000000000:shop/$default"
    ada = person(
        world,
        allow("execute-api:Invoke", resource=f"{base}/GET/pets/*"),
        deny("execute-api:Invoke", resource=f"{base}/*/pets/secret*"),
    )

    def status(method: str, target: str) -> int:
        return asked(sign(ada, method, target, service="execute-api")).status

    assert status("GET", "/pets/1?a=b") == 200
    assert status("POST", "/pets/1") == 403
    assert status("GET", "/people/1") == 403
    for hidden in ("/pets/secret", "/pets/%73ecret", "/pets/%2573ecret", "/pets/x/../secret", "/pets//secret"):
        assert status("GET", hidden) == 403
    for odd in ("/pets/%2e%2e/people", "/pets/..%2fpeople", "/pets/%252e%252e/x", "/pets/.", "/pets/a%00", "/pets/%ff"):
        assert status("GET", odd) == 403
    told = asked(sign(ada, "POST", "/pets/1", service="execute-api"))
    assert f"not authorized to perform: execute-api:Invoke on resource: {base}/POST/pets/1" in told.body
    assert asked(sign(root(world), "POST", "/anything", service="execute-api")).status == 200


def test_rights_are_those_of_the_api(world: World) -> None:
    """A role's policy, a session policy, a boundary; taken away they are gone at the next question."""
    asked = Asker(world, name="api")
    may = allow("execute-api:Invoke")
    boundary = world.client("iam").create_policy(
        PolicyName=f"bound-{world.engine}",
        PolicyDocument=document(allow("execute-api:Invoke", resource="arn:aws:execute-api:*:*:shop/*/GET/*")),
    )["Policy"]["Arn"]
    ada = person(world, may, allow("sts:AssumeRole"), PermissionsBoundary=boundary)
    assert asked(sign(ada, "GET", "/x", service="execute-api")).status == 200
    assert asked(sign(ada, "PUT", "/x", service="execute-api")).status == 403
    world.client("iam").delete_user_permissions_boundary(UserName=ada.name)
    assert asked(sign(ada, "PUT", "/x", service="execute-api")).status == 200
    held = ada.assume(role(world, trust({"AWS": "*"}), allows=(may,)))
    narrow = ada.assume(role(world, trust({"AWS": "*"}), allows=(may,)), Policy=document(allow("s3:*")))
    assert asked(sign(held, "PUT", "/x", service="execute-api")).status == 200
    assert asked(sign(narrow, "PUT", "/x", service="execute-api")).status == 403
    ada.put()
    assert asked(sign(ada, "GET", "/x", service="execute-api")).status == 403


def test_a_role_that_iam_does_not_hold_is_a_name_and_no_rights(world: World) -> None:
    """Who it is can be told where that is the whole answer; where rights are judged there are none."""
    pool = identity_pool(world, users=())
    arn = f"arn:aws:iam::123456789012:role/none-{pool.pool_id[-12:]}"
    set_roles(pool, unauthenticated=arn)
    held = credentials(pool, pool.get_id())
    answer = Asker(world)(sign(held))
    assert (answer.arn, answer.headers["x-poolkeeper-account"]) == (session_arn(arn), "123456789012")
    assert Asker(world, name="api")(sign(held, service="execute-api")).status == 403
    assert Asker(world, name="s3")(sign(held, service="s3", target="/")).status == 403


def test_only_an_application_gets_a_key_and_only_of_a_day(world: World) -> None:
    """For a minute at most, of this day, region and service; a proxy, whose answers travel, gets none."""
    signed = sign(person(world))
    for proxy in PROXIES:
        answer = Asker(world, proxy=proxy)(signed)
        assert ("x-poolkeeper-signing-key" in answer.headers) == (proxy == "python")
        if proxy == "python":
            assert answer.headers["x-poolkeeper-key-seconds"] == "60"
    for name in ("api", "s3"):
        service = "execute-api" if name == "api" else "s3"
        answer = Asker(world, name=name, proxy="python")(sign(root(world), service=service, target="/"))
        assert (answer.status, "x-poolkeeper-signing-key" in answer.headers) == (200, False)


def test_an_identity_that_is_gone_ended_or_of_a_disabled_user_is_nobody(world: World) -> None:
    """At the next question, and for the API itself: whatever the role may (attacks.md 139)."""
    pool = identity_pool(world)
    set_roles(pool, role(world, trust_for(pool)))
    logins = pool.logins("ada")
    identity_id = pool.get_id(logins)
    asked, users = Asker(world), pool.client.pool

    def check(held: Holder, *, known: bool) -> None:
        assert asked(sign(held)).status == (200 if known else 403)
        if not known:
            assert refused(held.client("sts").get_caller_identity)[0] == "InvalidClientTokenId"

    held = credentials(pool, identity_id, logins)
    users.admin("admin_disable_user", "ada")
    check(held, known=False)
    users.admin("admin_enable_user", "ada")
    check(held, known=True)

    async def end(tx: Transaction) -> None:
        await identities.end_sessions_before(
            tx, identity_pool_id=pool.pool_id, identity_id=identity_id, moment=world.clock.now() + 1
        )

    world.run(lambda: world.house.db.write(end))
    check(held, known=False)
    world.clock.advance(1_000)
    held = credentials(pool, identity_id, logins)
    check(held, known=True)
    pool.signed.delete_identities(IdentityIdsToDelete=[identity_id])
    check(held, known=False)
    held = credentials(pool, pool.get_id(logins), logins)
    users.admin("admin_delete_user", "ada")
    check(held, known=False)
