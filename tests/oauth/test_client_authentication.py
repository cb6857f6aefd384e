"""Who may ask at /oauth2/token and /oauth2/revoke? App clients that prove it in one way (attacks.md 90)."""

import base64
from urllib.parse import quote

import pytest

from api.world import ClientOfTests, World
from oauth.hosted import NAME, Answer, basic, code_client, code_for, exchange, of_client, post, read

SECRET = "plus+and_more+0123456789ab"


@pytest.fixture
def client(world: World) -> ClientOfTests:
    """Make a confidential app client, whose secret needs encoding, and `ada`."""
    pool = world.pool()
    pool.user(NAME)
    made = code_client(pool, ClientSecret=SECRET)
    return ClientOfTests(world, pool, made.client_id, SECRET)


def asked(client: ClientOfTests, headers: dict[str, str] | None = None, /, **fields: str) -> Answer:
    """Ask for a grant that fails for no reason but the client: a code that is none."""
    known = {"grant_type": "authorization_code", "code": "none", "redirect_uri": "x"}
    return post(client.world, "/oauth2/token", known | fields, headers)


# A client that has proved who it is learns that the code is none.
PASSED = (400, "invalid_grant")
BY_FORM, BY_BASIC = (400, "invalid_client"), (401, "invalid_client")


def test_a_client_proves_itself_by_form_or_by_basic(client: ClientOfTests) -> None:
    """RFC 6749 2.3.1: encoded as it should be, or as most clients do it; `client_id` beside Basic is usual."""
    raw = base64.b64encode(f"{client.client_id}:{SECRET}".encode()).decode()
    assert asked(client, **of_client(client)).error == PASSED
    assert asked(client, basic(client.client_id, SECRET)).error == PASSED
    assert asked(client, {"Authorization": f"bAsIc {raw}"}).error == PASSED
    assert asked(client, basic(client.client_id, SECRET), client_id=client.client_id).error == PASSED


def test_either_of_two_live_secrets_is_good(world: World, client: ClientOfTests) -> None:
    """And neither after it is gone."""
    ids = {"UserPoolId": client.pool.pool_id, "ClientId": client.client_id}
    added = world.signed.add_user_pool_client_secret(**ids)["ClientSecretDescriptor"]
    second = added["ClientSecretValue"]
    for secret in (SECRET, second):
        assert asked(client, client_id=client.client_id, client_secret=secret).error == PASSED
        assert asked(client, basic(client.client_id, secret)).error == PASSED
    world.signed.delete_user_pool_client_secret(**ids, ClientSecretId=added["ClientSecretId"])
    assert asked(client, basic(client.client_id, second)).error == BY_BASIC


def test_a_wrong_secret_is_answered_by_the_way_it_came(client: ClientOfTests) -> None:
    """RFC 6749 5.2: 401 with a challenge for Basic, 400 for the form."""
    for secret in (SECRET[:-1], SECRET + "x", SECRET.replace("+", " "), quote(SECRET, safe=""), "\x7f"):
        assert asked(client, client_id=client.client_id, client_secret=secret).error == BY_FORM
        answer = asked(client, basic(client.client_id, secret))
        assert answer.error == BY_BASIC
        assert answer.headers["www-authenticate"].startswith("Basic ")
    assert asked(client, client_id=client.client_id).error == BY_FORM
    assert asked(client, client_id=client.client_id, client_secret="").error == BY_FORM
    assert asked(client, basic(client.client_id, "")).error == BY_BASIC


def test_a_public_client_has_nothing_to_prove(world: World) -> None:
    """By its id alone, in the form or by Basic with an empty secret; a secret that it does not have is wrong."""
    pool = world.pool()
    pool.user(NAME)
    public = code_client(pool)
    assert exchange(public, code_for(public)).status == 200
    assert asked(public, basic(public.client_id, "")).error == PASSED
    assert asked(public, client_id=public.client_id, client_secret="").error == PASSED
    assert asked(public, client_id=public.client_id, client_secret="made-up").error == BY_FORM
    assert asked(public, basic(public.client_id, "made-up")).error == BY_BASIC


def test_a_client_of_another_pool_is_none_here(world: World, client: ClientOfTests) -> None:
    """At a pool's own domain."""
    other = world.pool()
    domain = f"auth-{other.pool_id.partition('_')[2].lower()}"
    world.signed.create_user_pool_domain(UserPoolId=other.pool_id, Domain=domain)
    fields = {"grant_type": "refresh_token", "refresh_token": "x", **of_client(client)}
    assert post(world, f"/_domains/{domain}/oauth2/token", fields).error == BY_FORM


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Basic " + base64.b64encode(b"\xff:\xff").decode(),
        "Basic " + base64.b64encode(b"\x00:x").decode(),
        "Basic " + base64.b64encode(b"%00:x").decode(),
        "Basic " + base64.b64encode(b"%ff:x").decode(),
        "Basic " + base64.b64encode(b":x").decode(),
        "Bearer abc",
        "Digest username=x",
    ],
)
def test_an_authorization_that_cannot_be_read_is_nobodys(world: World, client: ClientOfTests, header: str) -> None:
    """At the pool's own place, and on the bare host, where nothing names a pool then."""
    domain = f"hdr-{client.pool.pool_id.partition('_')[2].lower()}"
    world.signed.create_user_pool_domain(UserPoolId=client.pool.pool_id, Domain=domain)
    fields = {"grant_type": "refresh_token", "refresh_token": "x"}
    answer = post(world, f"/_domains/{domain}/oauth2/token", fields, {"Authorization": header})
    assert answer.error == BY_BASIC
    assert post(world, "/oauth2/token", fields, {"Authorization": header}).error == BY_BASIC


@pytest.mark.parametrize("path", ["/oauth2/token", "/oauth2/revoke"])
def test_a_request_is_understood_in_one_way(world: World, client: ClientOfTests, path: str) -> None:
    """attacks.md 90: every confusion of method, place and number of parameters."""
    form = "application/x-www-form-urlencoded"
    known = f"grant_type=refresh_token&refresh_token=x&token=x&client_id={client.client_id}"
    whole = f"{known}&client_secret={quote(SECRET)}"
    header = basic(client.client_id, SECRET)
    bad = (400, "invalid_request")

    def sent(body: str, address: str = path, kind: str = form, headers: dict[str, str] | None = None) -> Answer:
        return post(world, address, body.encode(), {"Content-Type": kind, **(headers or {})})

    assert sent("", f"{path}?{whole}").error == bad
    assert sent(known, f"{path}?client_secret={quote(SECRET)}").error == bad
    assert sent(known, f"{path}?refresh_token=x&client_id={client.client_id}", headers=header).error == bad
    for secret in ("subject_token", "actor_token"):
        assert sent(known, f"{path}?{secret}=x", headers=header).error == bad
    assert sent(whole, headers=header).error == bad
    assert sent(known.replace(client.client_id, "another"), headers=header).error == bad
    assert sent(f"{whole}&client_id={client.client_id}").error == bad
    assert sent(f"{whole}&grant_type=refresh_token").error == bad
    assert sent(f'{{"client_id": "{client.client_id}"}}', kind="application/json").error == bad
    assert sent(whole, kind="multipart/form-data; boundary=x").error == bad
    assert sent(f"{whole}&x=%00").error == bad
    assert sent(f"{whole}&x=%ff").error == bad
    assert world.http("POST", path, body=f"{whole}&x={'x' * 70_000}".encode(), headers={"Content-Type": form})[0] == 413
    assert sent("&".join([whole, *(f"a{n}=1" for n in range(60))])).error == bad
    status, headers, body = world.http("GET", f"{path}?{whole}")
    assert (read(status, headers, body).error, headers["allow"]) == ((405, "invalid_request"), "POST")


def test_what_is_missing_and_what_is_unknown_is_told(client: ClientOfTests) -> None:
    """RFC 6749 5.2; the passwords of people are asked for by pages alone (RFC 9700 2.4)."""
    world, known = client.world, of_client(client)
    assert post(world, "/oauth2/token", known).error == (400, "invalid_request")
    for grant in ("password", "implicit", "urn:ietf:params:oauth:grant-type:device_code", "AUTHORIZATION_CODE"):
        assert post(world, "/oauth2/token", {**known, "grant_type": grant}).error == (400, "unsupported_grant_type")
    for grant in ("authorization_code", "refresh_token"):
        assert post(world, "/oauth2/token", {**known, "grant_type": grant}).error == (400, "invalid_request")
    assert post(world, "/oauth2/token", {"grant_type": "refresh_token"}).error == (400, "invalid_request")


def test_a_script_of_any_site_may_ask_without_cookies(world: World, client: ClientOfTests) -> None:
    """attacks.md 91: any origin by name of none, credentials never, Authorization named, the challenge exposed."""
    for path in ("/oauth2/token", "/oauth2/par", "/oauth2/revoke", "/oauth2/userInfo", "/oauth2/userinfo"):
        told = {"Origin": "https://evil.example", "Access-Control-Request-Headers": "authorization"}
        status, headers, _ = world.http("OPTIONS", path, headers=told)
        assert (status, headers["access-control-allow-origin"]) == (204, "*")
        assert "authorization" in headers["access-control-allow-headers"].lower()
        assert "access-control-allow-credentials" not in headers
        answer = post(world, path, of_client(client), {"Origin": "https://evil.example"})
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "WWW-Authenticate" in answer.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in answer.headers


def test_no_answer_is_kept_and_none_refers(world: World, client: ClientOfTests) -> None:
    """attacks.md 89: neither tokens nor errors, by browsers or by proxies."""
    code = code_for(client)
    answers = [
        exchange(client, code),
        exchange(client, code),
        post(world, "/oauth2/token", b"a=1&a=1"),
        post(world, "/oauth2/revoke", {**of_client(client), "token": "x"}),
        read(*world.get(f"/oauth2/userInfo?client_id={client.client_id}")),
    ]
    for answer in answers:
        assert (answer.headers["cache-control"], answer.headers["pragma"]) == ("no-store", "no-cache")
        assert answer.headers["referrer-policy"] == "no-referrer"
