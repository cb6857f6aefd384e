"""Is a pool reached in every form of its address, and nobody's pool in any other? By host, by path, by client."""

import pytest

from api.world import World, refused
from hosted.places_of_tests import CERTIFICATE, Estate, asked, estate
from oauth.browsing import CALLBACK, app_client, request_of
from poolkeeper.hosted import places
from poolkeeper.settings import Settings

FORMS = ("bare", "prefix", "custom", "path", "path of the custom domain")


@pytest.fixture
def juniper(world: World) -> Estate:
    """Make a pool with both domains at the development server."""
    return estate(world)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_every_form_leads_to_the_pool_and_stays_in_its_form(juniper: Estate, form: str, *, tls: bool) -> None:
    """A redirect between pages is relative, one to the app is the app's own; over http and over TLS alike."""
    host, mount = juniper.forms[form]
    to_page = juniper.authorize(host, mount, tls=tls)
    assert (to_page.status_code, to_page.headers["location"].partition("?")[0]) == (303, f"{mount}/login")
    to_app = juniper.authorize(host, mount, tls=tls, prompt="none")
    assert to_app.headers["location"].startswith(f"{CALLBACK}?error=login_required")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "192.0.2.1", "LOCALHOST"])
@pytest.mark.parametrize("port", ["", ":1", ":7665", ":65535"])
def test_the_bare_host_is_any_name_of_this_machine_at_any_port(juniper: Estate, host: str, port: str) -> None:
    """What forwards a port, and who types the number, is served as well."""
    for mount in ("", f"/_domains/{juniper.prefix}"):
        answer = juniper.authorize(host + port, mount)
        assert answer.headers["location"].startswith(f"{mount}/login?")


@pytest.mark.parametrize("port", ["", ":443", ":8443"])
def test_domains_are_found_at_any_port_and_in_capitals(juniper: Estate, port: str) -> None:
    """Host names know no case (RFC 3986 section 3.2.2)."""
    for form in ("prefix", "custom"):
        host, _ = juniper.forms[form]
        for spelling in (host, host.upper()):
            assert juniper.authorize(spelling + port, "").headers["location"].startswith("/login?")


def test_the_client_of_another_pool_is_nobody_at_a_domain(juniper: Estate) -> None:
    """The host decides about the pool, not the client."""
    stranger = app_client(juniper.world.pool())
    host, _ = juniper.forms["prefix"]
    answer = juniper.ask(host, "/oauth2/authorize", params=request_of(stranger))
    assert answer.headers["location"].startswith("/error?error=unknown_client")


def hosts_of_nobody(one: Estate) -> list[tuple[str, str]]:
    """Return hosts and mounts that look like somebody's."""
    base, below = one.world.house.settings.base_host, one.world.house.settings.domain_host
    return [
        (f"nobody.{below}", ""),
        (f"www.{one.prefix}.{below}", ""),
        (f"{one.custom}.{below}", ""),
        (f"{one.prefix}.{below}.", ""),
        (f"-.{below}", ""),
        (below, ""),
        (one.prefix, ""),
        (f"{one.prefix}.{base}", ""),
        (f"{one.custom}.", ""),
        (f"www.{one.custom}", ""),
        (one.custom.removeprefix("login."), ""),
        ("evil.example", ""),
        ("[::1].evil.example", ""),
        ("[1.2]", ""),
        ("_", ""),
        ("." * 60, ""),
        (base, "/_domains/nobody"),
        (base, "/_domains/"),
        (base, f"/_domains/{one.prefix.upper()}"),
        (base, f"/_domains/{one.prefix}."),
        (base, f"/_domains/{one.prefix}/"),
        (base, f"//_domains/{one.prefix}"),
        (base, f"/_DOMAINS/{one.prefix}"),
        (base, "/_domains/%00"),
        (base, "/_domains/" + "a" * 300),
        (base, f"/_domains/{one.prefix}/_domains/{one.prefix}"),
        (f"{one.prefix}.{below}", f"/_domains/{one.prefix}"),
        (one.custom, f"/_domains/{one.prefix}"),
        ("evil.example", f"/_domains/{one.prefix}"),
    ]


def test_nobodys_address_is_not_found_and_names_no_pool(juniper: Estate) -> None:
    """Also where the request names a client that is there; nobody keeps the answer, which may be another tomorrow."""
    for host, mount in hosts_of_nobody(juniper):
        answer = juniper.authorize(host, mount)
        assert answer.status_code == 404, (host, mount)
        assert answer.headers["cache-control"] == "no-store"
        assert juniper.pool.pool_id not in answer.text
        assert juniper.pool.pool_id not in repr(answer.headers)


def test_a_request_that_names_nobody_gets_a_neutral_page(world: World) -> None:
    """On the bare host the request itself has to name a pool; the page is nobody's, and its id is in the log."""
    for query in ("", "client_id=", "client_id=nobodys", "client_id=a%27b", "state=app", "login_hint=a"):
        answer = asked(world, "localhost", f"/oauth2/authorize?{query}")
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert "nobodys_place" in answer.text
        assert answer.headers["x-amz-cognito-request-id"] in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_domain_that_is_taken_back_leads_nowhere(juniper: Estate) -> None:
    """From the next request on."""
    host, mount = juniper.forms["prefix"]
    juniper.world.signed.delete_user_pool_domain(UserPoolId=juniper.pool.pool_id, Domain=juniper.prefix)
    assert juniper.authorize(host, mount).status_code == 404


def test_in_production_pages_are_at_domains_alone(behind_tls: World) -> None:
    """The path form and the bare host are development's, unless the operator says otherwise."""
    one = estate(behind_tls)
    served = {form for form in FORMS if one.authorize(*one.forms[form]).status_code == 303}
    assert served == {"prefix", "custom"}
    assert one.authorize("127.0.0.1", "").status_code == 404


def test_no_domain_is_the_servers_own_host(behind_tls: World) -> None:
    """It would never be reached, or take a prefix's place."""
    pool = behind_tls.pool()
    for name in ("id.example.com", "auth.id.example.com", "victim.auth.id.example.com", "a.b.auth.id.example.com"):
        given = {"UserPoolId": pool.pool_id, "Domain": name, "CustomDomainConfig": {"CertificateArn": CERTIFICATE}}
        fault = refused(lambda given=given: behind_tls.signed.create_user_pool_domain(**given))  # type: ignore[misc]
        assert fault == ("InvalidParameterException", "Custom domain is not a valid subdomain")


PUBLIC = Settings(base_url="https://id.example.com:8443", domain_paths="on", domain_by_client="on")
LOCAL = Settings(dev=True)


@pytest.mark.parametrize(
    ("settings", "host", "tls", "origin"),
    [
        (LOCAL, "localhost:9", False, "http://localhost:7665"),
        (LOCAL, "localhost:9", True, "https://localhost:7666"),
        (LOCAL, "127.0.0.1", False, "http://127.0.0.1:7665"),
        (LOCAL, "[0:0::1]:7666", True, "https://[::1]:7666"),
        (LOCAL, "192.0.2.1", False, "http://localhost:7665"),
        (LOCAL, "", False, "http://localhost:7665"),
        (LOCAL, "Juniper.auth.localhost", True, "https://juniper.auth.localhost:7666"),
        (LOCAL, "login.customer.example:1", False, "http://login.customer.example:7665"),
        (PUBLIC, "id.example.com", False, "https://id.example.com:8443"),
        (PUBLIC, "ID.example.com:80", True, "https://id.example.com:8443"),
        (PUBLIC, "localhost:7665", False, "https://id.example.com:8443"),
        (PUBLIC, "10.0.0.1:7665", False, "https://id.example.com:8443"),
        (PUBLIC, "juniper.auth.id.example.com", False, "https://juniper.auth.id.example.com:8443"),
        (PUBLIC, "login.customer.example", False, "https://login.customer.example:8443"),
        (Settings(base_url="https://[2001:db8::1]"), "[2001:DB8::1]:9", False, "https://[2001:db8::1]"),
        (Settings(base_url="http://id.example.com:80"), "id.example.com", False, "http://id.example.com"),
    ],
)
def test_an_origin_is_made_of_the_row_that_matched(settings: Settings, host: str, origin: str, *, tls: bool) -> None:
    """Scheme and port are those of the public address or of the development listener, whatever port the Host names."""
    assert places.Doors(settings).arrival(host=host, path="/login", by_dev_tls=tls).origin == origin


def test_the_base_host_is_itself_also_below_the_hosts_of_domains() -> None:
    """`domain_base` may be the domain that the public address is in: that one name is no prefix."""
    settings = Settings(base_url="https://id.example.com", domain_base="example.com", domain_by_client="on")
    assert places.Doors(settings).arrival(host="id.example.com", path="/", by_dev_tls=False).bare
    assert places.Doors(settings).arrival(host="juniper.example.com", path="/", by_dev_tls=False).domain == "juniper"
