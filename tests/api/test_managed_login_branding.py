"""The style of managed login: created, read in part and as a whole, changed, deleted; and where pages show it."""

import re
from functools import partial
from typing import Any

import pytest

from api.stage import Wire
from api.styles import asset, at, create, described, update
from api.world import PoolOfTests, World, refused
from hosted.places_of_tests import Estate
from oauth.browsing import app_client, request_of
from pages.pictures import SVG, ico, jpeg, png, webp
from poolkeeper.branding import assets
from poolkeeper.branding.defaults import DEFAULTS
from poolkeeper.server.upkeep import examine

__all__ = ["at"]

NOBODY = "00000000-0000-4000-8000-000000000000"
EITHER = "useCognitoProvidedValues or settings should be specified (but not both)"
GREEN = {"components": {"primaryButton": {"lightMode": {"defaults": {"backgroundColor": "2f7d57ff"}}}}}


def page_of(at: Estate, form: str = "prefix") -> str:
    """Return the sign-in page of the app client."""
    host, mount = at.forms[form]
    answer = at.ask(host, f"{mount}/login", params=request_of(at.client))
    assert answer.status_code == 200
    return answer.text


def sheet_of(at: Estate, page: str) -> str:
    """Return the sheet of the style."""
    (address,) = re.findall(r'href="(/_brand/[^"]+\.css)"', page)
    return at.ask(at.forms["prefix"][0], address).text


def test_cognitos_own_values(at: Estate) -> None:
    """No settings are told of such a style, its whole is the default document; the pages are light."""
    made = create(at, UseCognitoProvidedValues=True)
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made["ManagedLoginBrandingId"]
    )
    assert made == described(at, made["ManagedLoginBrandingId"])
    assert (made["UseCognitoProvidedValues"], made["Assets"], "Settings" in made) == (True, [], False)
    assert described(at, made["ManagedLoginBrandingId"], whole=True)["Settings"] == DEFAULTS
    page = page_of(at)
    assert "tokens-dark.css" not in page
    assert ".css" not in "".join(re.findall(r'"/_brand/[^"]+"', page))


def test_settings_in_part_and_as_a_whole(at: Estate) -> None:
    """What was given comes back as it was; merged, everything else is Cognito's; by client it is the same style."""
    made = create(at, Settings=GREEN, Assets=[asset()])
    branding_id = made["ManagedLoginBrandingId"]
    assert made == described(at, branding_id)
    assert (made["Settings"], made["UseCognitoProvidedValues"]) == (GREEN, False)
    assert made["Assets"] == [asset()]
    whole = described(at, branding_id, whole=True)
    light = whole["Settings"]["components"]["primaryButton"]["lightMode"]
    assert light["defaults"] == {"backgroundColor": "2f7d57ff", "textColor": "ffffffff"}
    assert whole["Settings"]["categories"] == DEFAULTS["categories"]
    by_client = at.world.signed.describe_managed_login_branding_by_client(
        UserPoolId=at.pool.pool_id, ClientId=at.client.client_id, ReturnMergedResources=True
    )
    assert by_client["ManagedLoginBranding"] == whole


def test_an_update_changes_what_it_names(at: Estate) -> None:
    """Settings member by member, lists as a whole, a picture by category and mode; the rest stays."""
    made = create(at, Settings=GREEN, Assets=[asset(), asset(mode="DARK")])
    branding_id = made["ManagedLoginBrandingId"]
    at.world.clock.advance(5_000)
    order = {"categories": {"auth": {"federation": {"order": ["Google"]}}}}
    changed = update(at, branding_id, Settings=order, Assets=[asset(content=png())])
    assert changed == described(at, branding_id)
    assert changed["Settings"] == {**GREEN, **order}
    assert changed["Assets"] == [asset(mode="DARK"), asset(content=png())]
    assert changed["LastModifiedDate"] > changed["CreationDate"] == made["CreationDate"]
    only = update(at, branding_id, Assets=[asset("PAGE_BACKGROUND", jpeg(), Extension="JPEG")])
    assert len(only["Assets"]) == 3
    own = update(at, branding_id, UseCognitoProvidedValues=True)
    assert (own["UseCognitoProvidedValues"], "Settings" in own, len(own["Assets"])) == (True, False, 3)


def test_the_pages_show_it(at: Estate) -> None:
    """At every form of the address of managed login, by the next request after a change; not at the classic look."""
    create(
        at,
        Settings={**GREEN, "components": {**GREEN["components"], "form": {"logo": {"enabled": True}}}},
        Assets=[asset()],
    )
    for form in ("prefix", "custom", "path", "bare"):
        page = page_of(at, form)
        assert "--ml-primary: #2f7d57" in sheet_of(at, page)
        assert 'class="logo logo-customizable"' in page
    (address,) = re.findall(r'src="(/_brand/[^"]+\.svg)"', page_of(at))
    drawn = at.ask(at.forms["prefix"][0], address)
    assert drawn.headers["content-type"] == "image/svg+xml"
    assert drawn.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert b"<rect" in drawn.content
    at.world.signed.update_user_pool_domain(UserPoolId=at.pool.pool_id, Domain=at.prefix, ManagedLoginVersion=1)
    assert "/_brand/" not in page_of(at)


def test_a_style_belongs_to_one_client(at: Estate) -> None:
    """A second one is refused; a client that goes takes its style along; another client's pages are plain."""
    create(at, Settings=GREEN)
    name, _ = refused(lambda: create(at, UseCognitoProvidedValues=True))
    assert name == "ManagedLoginBrandingExistsException"
    other = app_client(at.pool)
    host = at.forms["prefix"][0]
    assert "/_brand/" not in at.ask(host, "/login", params=request_of(other)).text
    (address,) = re.findall(r'href="(/_brand/[^"]+\.css)"', page_of(at))
    at.world.signed.delete_user_pool_client(UserPoolId=at.pool.pool_id, ClientId=at.client.client_id)
    assert _rows(at.world, at.pool) == (0, 0)
    assert at.ask(host, address).status_code == 404  # whatever a process remembers


def test_a_client_that_goes_meanwhile_leaves_no_style(at: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pictures were read when it went: nobody would have seen the style again but by its id."""
    read = assets.served

    def served(category: str, extension: str, content: bytes) -> bytes:
        at.world.signed.delete_user_pool_client(UserPoolId=at.pool.pool_id, ClientId=at.client.client_id)
        return read(category, extension, content)

    monkeypatch.setattr(assets, "served", served)
    name, _ = refused(lambda: create(at, Settings=GREEN, Assets=[asset()]))
    assert (name, _rows(at.world, at.pool)) == ("ResourceNotFoundException", (0, 0))


def test_a_style_that_is_deleted_is_gone(at: Estate) -> None:
    """Its pictures too; a second deletion, and every reading, find nothing."""
    branding_id = create(at, Settings=GREEN, Assets=[asset()])["ManagedLoginBrandingId"]
    known = {"UserPoolId": at.pool.pool_id, "ManagedLoginBrandingId": branding_id}
    (address,) = re.findall(r'href="(/_brand/[^"]+\.css)"', page_of(at))
    at.world.signed.delete_managed_login_branding(**known)
    assert "/_brand/" not in page_of(at)
    assert at.ask(at.forms["prefix"][0], address).status_code == 404
    assert _rows(at.world, at.pool) == (0, 0)
    by_client = {"UserPoolId": at.pool.pool_id, "ClientId": at.client.client_id}
    for work in (
        lambda: at.world.signed.delete_managed_login_branding(**known),
        lambda: at.world.signed.describe_managed_login_branding(**known),
        lambda: at.world.signed.update_managed_login_branding(**known, UseCognitoProvidedValues=True),
        lambda: at.world.signed.describe_managed_login_branding_by_client(**by_client),
    ):
        assert refused(work)[0] == "ResourceNotFoundException"


def _rows(world: World, pool: PoolOfTests) -> tuple[int, int]:
    styles = world.rows("SELECT branding_id FROM brandings WHERE pool_id = $1", pool.pool_id)
    pictures = world.rows("SELECT category FROM branding_assets WHERE pool_id = $1", pool.pool_id)
    return len(styles), len(pictures)


def test_values_or_settings(at: Estate) -> None:
    """measured.md 9: one of both, not neither; an update may bring pictures alone."""
    for given in ({}, {"UseCognitoProvidedValues": False}, {"UseCognitoProvidedValues": True, "Settings": GREEN}):
        assert refused(partial(create, at, **given)) == ("InvalidParameterException", EITHER)
    branding_id = create(at, UseCognitoProvidedValues=True, Assets=[asset()])["ManagedLoginBrandingId"]
    for given in ({}, {"UseCognitoProvidedValues": True, "Settings": GREEN}):
        assert refused(partial(update, at, branding_id, **given)) == ("InvalidParameterException", EITHER)
    name, _ = refused(lambda: at.world.signed.update_managed_login_branding(UserPoolId=at.pool.pool_id))
    assert name == "InvalidParameterException"


def _at(path: str, value: Any) -> dict[str, Any]:
    document: Any = value
    for name in reversed(path.split(".")):
        document = {name: document}
    found: dict[str, Any] = document
    return found


BROKEN = [
    _at("components.form.lightMode.backgroundColor", "red"),
    _at("components.form.lightMode.backgroundColor", "ffffff"),
    _at("components.form.lightMode.backgroundColor", "ffffffff; } body { display: none"),
    _at("components.form.lightMode.backgroundColor", 1),
    _at("components.form.lightMode.backgroundColor", None),
    _at("components.form.lightMode", "x"),
    _at("components.form.borderRadius", "8px"),
    _at("components.form.borderRadius", -1),
    _at("components.form.borderRadius", 1e9),
    {"components": {"form": {"borderRadius": True}}},
    _at("components.form.logo.enabled", "yes"),
    _at("components.form.logo.location", "LEFT"),
    _at("components.favicon.enabledTypes", "ICO"),
    _at("components.favicon.enabledTypes", ["PNG"]),
    _at("components.favicon.enabledTypes", [{}]),
    _at("components.idpButton.custom.Google.lightMode.defaults.textColor", "url(https://evil.example)"),
    _at("categories.global.colorSchemeMode", "BLUE"),
    _at("categories.global.colorSchemeMode", ["LIGHT"]),
    _at("categories.global.spacingDensity", "LOOSE"),
    _at("categories.auth.authMethodOrder", "x"),
    _at("categories.auth.federation.order", {}),
    _at("categories.auth.federation.interfaceStyle", "a list"),
    _at("later.text", "first\r\nSet-Cookie: a=b"),
    _at("later.text\r\nx", "y"),
    _at("later.text", "x" * 300),
    _at("later.text", "\u2028"),
    _at(".".join("abcdefghijklmnopqrstuvwxyz"), 1),
    _at("later.many", list(range(5_000))),
    {"components": []},
    _at("later.large", ["x" * 200] * 1_000),
]


@pytest.mark.parametrize("settings", BROKEN)
def test_a_broken_document_is_refused(at: Estate, settings: dict[str, Any]) -> None:
    """Attack rows 87 and 97: no text but checked values, no control characters, no great depth or number."""
    name, _ = refused(lambda: create(at, Settings=settings))
    assert name == "InvalidParameterException"
    branding_id = create(at, Settings=GREEN)["ManagedLoginBrandingId"]
    assert refused(lambda: update(at, branding_id, Settings=settings))[0] == "InvalidParameterException"
    assert described(at, branding_id)["Settings"] == GREEN


@pytest.mark.parametrize("settings", ["text", 1, [], [GREEN], True, "[" * 30_000 + "]" * 30_000])
def test_settings_are_an_object(at: Estate, settings: Any) -> None:
    """A document of AWS's may be anything; boto3 sends what it is given."""
    known = {"UserPoolId": at.pool.pool_id, "ClientId": at.client.client_id}
    wire = Wire(at.world)
    answer = wire.call("CreateManagedLoginBranding", {**known, "Settings": settings})
    wire.close()
    assert (answer.status, answer.error) == (400, "InvalidParameterException")


def test_what_is_not_known_is_kept(at: Estate, caplog: pytest.LogCaptureFixture) -> None:
    """AWS adds settings: whoever brings theirs along loses none, and the log says that they mean nothing here."""
    settings = {**GREEN, "components": {**GREEN["components"], "later": {"color": "not a color", "n": [1, None]}}}
    made = create(at, Settings=settings)
    assert made["Settings"] == settings
    assert "mean nothing here: components.later" in caplog.text
    assert "not a color" not in sheet_of(at, page_of(at))


def test_colors_that_are_hard_to_read_are_kept_and_told(at: Estate, caplog: pytest.LogCaptureFixture) -> None:
    """Never refused; log and doctor name the pair and its ratio, and what is readable is not named."""
    faint = _at("components.primaryButton.lightMode.defaults", {"backgroundColor": "ffffffff", "textColor": "eeeeeeff"})
    create(at, Settings=faint)
    wanted = (
        "components.primaryButton.lightMode.defaults.textColor on components.primaryButton.lightMode.defaults."
        "backgroundColor has a contrast of 1.2:1 (AA asks for 4.5:1)"
    )
    assert wanted in caplog.text
    assert "pageText" not in caplog.text
    found = at.world.run(lambda: examine(at.world.house))
    notes = [one for one in found if at.pool.pool_id in one.text and wanted in one.text]
    assert [(one.sound, one.note) for one in notes] == [(True, True)]
    assert "--ml-primary-ink: #eeeeee" in sheet_of(at, page_of(at))


@pytest.mark.parametrize(
    "one",
    [
        asset(content=b"<svg xmlns='http://www.w3.org/2000/svg'>"),
        asset(content=b"<svg/>"),
        asset(content=b""),
        asset(content=png(), Extension="JPEG"),
        asset(content=ico(), Extension="ICO"),
        asset("FAVICON_ICO", png()),
        asset("FAVICON_SVG", png(), Extension="SVG"),
        asset("IDP_BUTTON_ICON", png()),
        asset(content=png(9000, 1)),
        asset(content=b"GIF89a" + bytes(40), Extension="PNG"),
    ],
)
def test_an_asset_is_what_it_says(at: Estate, one: dict[str, Any]) -> None:
    """Attack row 87: by its first bytes, by its category, by the one reader of XML."""
    assert refused(lambda: create(at, UseCognitoProvidedValues=True, Assets=[one]))[0] == "InvalidParameterException"
    assert _rows(at.world, at.pool) == (0, 0)


def test_the_limits_of_the_model(at: Estate) -> None:
    """40 assets in a request, 1,000,000 bytes of one; then 40 of a style over several, and 20 styles of a pool."""
    many = [asset(resource_id) for resource_id in ["FORM_LOGO"] * 41]
    with pytest.raises(Exception, match="40"):
        create(at, UseCognitoProvidedValues=True, Assets=many)
    with pytest.raises(Exception, match="1000000"):
        create(at, UseCognitoProvidedValues=True, Assets=[asset(content=png() + bytes(1_000_000))])
    icons = [asset("IDP_BUTTON_ICON", ResourceId=f"provider-{number}") for number in range(40)]
    branding_id = create(at, UseCognitoProvidedValues=True, Assets=icons)["ManagedLoginBrandingId"]
    assert len(described(at, branding_id)["Assets"]) == 40
    name, _ = refused(lambda: update(at, branding_id, Assets=[asset()]))
    assert (name, len(described(at, branding_id)["Assets"])) == ("InvalidParameterException", 40)
    for _ in range(19):
        client = app_client(at.pool)
        create(at, UseCognitoProvidedValues=True, ClientId=client.client_id)
    more = app_client(at.pool)
    name, _ = refused(lambda: create(at, UseCognitoProvidedValues=True, ClientId=more.client_id))
    assert name == "LimitExceededException"


def test_a_request_may_be_of_three_mebibytes(at: Estate) -> None:
    """Two pictures of a megabyte each, in base64; every other operation has its limit as before (attacks.md F20)."""
    large = png() + bytes(999_000)
    assets = [asset("PAGE_BACKGROUND", large), asset("FORM_BACKGROUND", large)]
    branding_id = create(at, UseCognitoProvidedValues=True, Assets=assets)["ManagedLoginBrandingId"]
    assert [len(one["Bytes"]) for one in described(at, branding_id)["Assets"]] == [len(large)] * 2
    update(at, branding_id, Assets=assets)
    assert _status(at.world, "UpdateManagedLoginBranding", 3 * 1024 * 1024) == 400  # nobody signed it
    assert _status(at.world, "UpdateManagedLoginBranding", 3 * 1024 * 1024 + 1) == 413
    assert _status(at.world, "DescribeManagedLoginBranding", 1024 * 1024 + 1) == 413


def _status(world: World, operation: str, size: int) -> int:
    target = f"AWSCognitoIdentityProviderService.{operation}"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    return world.http("POST", "/", body=b" " * size, headers=headers)[0]


def test_every_kind_of_picture_is_served_as_what_it_is(at: Estate) -> None:
    """By the type of its kind, whatever else could be read into its bytes."""
    branding_id = create(at, UseCognitoProvidedValues=True)["ManagedLoginBrandingId"]
    for content, extension, type_ in (
        (png(), "PNG", "image/png"),
        (jpeg() + b"<script>alert(1)</script>", "JPEG", "image/jpeg"),
        (webp(), "WEBP", "image/webp"),
        (SVG, "SVG", "image/svg+xml"),
    ):
        update(at, branding_id, Assets=[asset("PAGE_BACKGROUND", content, Extension=extension)])
        (address,) = re.findall(rf'url\("(/_brand/[^"]+\.{extension.lower()})"\)', sheet_of(at, page_of(at)))
        answer = at.ask(at.forms["prefix"][0], address)
        assert answer.headers["content-type"] == type_
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_style_of_another_pool_is_out_of_reach(at: Estate, world: World) -> None:
    """attacks.md 34: ids of one pool mean nothing in another."""
    branding_id = create(at, Settings=GREEN)["ManagedLoginBrandingId"]
    other = world.pool()
    known = {"UserPoolId": other.pool_id, "ManagedLoginBrandingId": branding_id}
    for work in (
        lambda: world.signed.describe_managed_login_branding(**known),
        lambda: world.signed.update_managed_login_branding(**known, Settings=GREEN),
        lambda: world.signed.delete_managed_login_branding(**known),
        lambda: world.signed.create_managed_login_branding(
            UserPoolId=other.pool_id, ClientId=at.client.client_id, UseCognitoProvidedValues=True
        ),
    ):
        assert refused(work)[0] == "ResourceNotFoundException"
    (address,) = re.findall(r'href="(/_brand/[^"]+\.css)"', page_of(at))
    assert at.ask(at.forms["prefix"][0], address.replace(at.pool.pool_id, other.pool_id)).status_code == 404


def test_pages_without_a_style_can_be_refused(at: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS has no page for a client without a style; the setting `unstyled_pages` does as AWS, at domains of managed login."""
    host, mount = at.forms["prefix"]
    assert at.ask(host, f"{mount}/login", params=request_of(at.client)).status_code == 200
    monkeypatch.setattr(type(at.world.house.settings), "unstyled_pages", "refuse")
    answer = at.ask(host, f"{mount}/login", params=request_of(at.client))
    assert answer.status_code == 400
    assert "not_open" in answer.text
    create(at, UseCognitoProvidedValues=True)
    assert at.ask(host, f"{mount}/login", params=request_of(at.client)).status_code == 200
