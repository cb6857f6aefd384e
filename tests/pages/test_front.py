"""What does `/` show, and to whom? In development a page for names of this machine; one line under any other name."""

from html import unescape

import pytest

from api.world import World

HOSTILE = "<script>document.title = 'taken'</script>"
LINE = b"An API answers POST requests at this address.\n"


def _page(world: World, path: str = "/", **headers: str) -> str:
    status, _, body = world.get(path, {name.replace("_", "-"): value for name, value in headers.items()})
    assert status == 200
    return body.decode()


def test_it_shows_the_newest_pool_and_its_client(world: World) -> None:
    """Address, issuer and ids are the real ones, and no page of another site may frame it or send it anywhere."""
    pool = world.pool(PoolName="newest of all")
    client = pool.client(ClientName="web")
    world.clock.advance(1_000)
    status, headers, body = world.get("/")
    page = body.decode()

    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "form-action 'self'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
    for shown in (world.url, pool.pool_id, client.client_id, f"{world.url}/{pool.pool_id}", "newest of all"):
        assert shown in page


def test_another_client_is_chosen_by_address(world: World) -> None:
    """Each client of the list has its own; one that is gone is said to be gone, and what is no id is nobody's."""
    one = world.pool().client()
    other = world.pool().client()
    page = _page(world, f"/?client={one.client_id}&show=boto3")

    assert f'client, username, password = "{one.client_id}"' in unescape(page)
    assert f"/?client={other.client_id}&amp;show=boto3#connect" in page
    for nobody in ("0" * 26, "%3Cscript%3E", "a" * 5_000, "%00"):
        assert "This app client is gone" in _page(world, f"/?client={nobody}")


@pytest.mark.parametrize(
    ("attributes", "taken", "expected"),
    [
        ((), ["ada", "ada2"], '"ada3"'),
        (("email",), ["ada@lovelace.example"], '"ada2@lovelace.example"'),
        (("phone_number",), ["+442079460018"], '"+442079460019"'),
    ],
)
def test_the_lines_sign_up_somebody_who_is_not_there(
    world: World, attributes: tuple[str, ...], taken: list[str], expected: str
) -> None:
    """Lines that were pasted once, those of the tab beside them, and a seed's people are no accident."""
    client = world.pool(UsernameAttributes=list(attributes)).client()
    for name in taken:
        world.signed.admin_create_user(UserPoolId=client.pool.pool_id, Username=name, MessageAction="SUPPRESS")
    shown = unescape(_page(world, f"/?client={client.client_id}"))

    assert f"const username = {expected}" in shown
    number = len(taken) + 1
    assert f"to=ada{number}@lovelace.example" in shown


def test_each_refusal_has_its_sentence(world: World) -> None:
    """What the caller was told, an address that nobody serves, and no body of a request."""
    client = world.pool().client()
    client.pool.user("ada")
    told = world.call("InitiateAuth", {"ClientId": client.client_id, "AuthFlow": "CUSTOM_AUTH", "AuthParameters": {}})[
        1
    ]
    world.get("/well-known/nothing")
    page = unescape(_page(world))

    assert told["message"] in page
    assert "GET /well-known/nothing" in page
    assert "<code>NotFound</code>: Nothing is served at this address." in page


def test_the_requests_are_bounded(world: World) -> None:
    """The memory of a process holds the newest hundred."""
    for number in range(130):
        world.get(f"/nothing/{number}")
    kept = world.app._recent

    assert kept is not None
    assert [one.operation for one in kept.newest_first()] == [f"GET /nothing/{n}" for n in range(129, 29, -1)]


def test_hostile_names_are_text(world: World) -> None:
    """Of a pool, a client, a request's target and its path."""
    client = world.pool().client()
    world.run(lambda: _rename(world, client.pool.pool_id))
    world.http("POST", "/", body=b"{}", headers={"X-Amz-Target": f"AWSCognitoIdentityProviderService.{HOSTILE}"})
    world.get(f"/{HOSTILE.replace(' ', '')}")
    page = _page(world, f"/?client={client.client_id}")

    assert HOSTILE not in page
    assert "<script>" not in page
    assert page.count("&lt;script&gt;") >= 4


async def _rename(world: World, pool_id: str) -> None:
    await world.house.db.execute("UPDATE pools SET name = $2 WHERE pool_id = $1", pool_id, HOSTILE)
    await world.house.db.execute("UPDATE clients SET name = $2 WHERE pool_id = $1", pool_id, HOSTILE)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example"},
        {"Host": "192.0.2.7:7665"},
        {"Host": "localhost.rebound.example"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "iframe"},
    ],
)
def test_others_are_told_one_line(world: World, headers: dict[str, str]) -> None:
    """A name that was made to lead here, another machine's name for this one, and a script or frame of another site."""
    world.pool(PoolName="kept to ourselves")
    status, answered, body = world.get("/", headers)

    assert (status, body) == (200, LINE)
    assert "access-control-allow-origin" not in answered


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]:7665", "LOCALHOST:1"])
def test_names_of_this_machine_are_shown_the_page(world: World, host: str) -> None:
    """Whatever the port, which a container may change."""
    assert "Poolkeeper runs" in _page(world, Host=host)


def test_a_link_from_elsewhere_leads_to_the_page(world: World) -> None:
    """It is followed by a person; the site that has the link sees nothing of it."""
    assert "Poolkeeper runs" in _page(world, Sec_Fetch_Site="cross-site", Sec_Fetch_Dest="document")


@pytest.mark.parametrize("path", ["/_dev", "/_dev/"])
def test_dev_leads_to_the_page(world: World, path: str) -> None:
    """Whoever types the beginning of the inbox's address comes to where it is named."""
    assert "Poolkeeper runs" in _page(world, path)


def test_a_stray_request_is_in_the_log(world: World) -> None:
    """With its method and path, without its query; health checks are not."""
    begun = len(world.log)
    assert world.get("/no/such/place?code=590318")[0] == 404
    assert world.http("DELETE", "/health")[0] == 405
    assert world.http("PUT", "/", body=b"")[0] == 405
    told = b"".join(world.log[begun:])

    assert b'"operation":"GET /no/such/place"' in told
    assert b'"detail":"Nothing is served at this address."' in told
    assert b'"operation":"PUT /"' in told
    assert b"590318" not in told
    assert b"/health" not in told
