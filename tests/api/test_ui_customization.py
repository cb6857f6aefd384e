"""The classic look: what is set of it, per app client or for all, and where pages show it."""

import asyncio
import re
from functools import partial
from typing import Any

import pytest

from api.world import World, refused
from hosted.places_of_tests import Estate, estate
from oauth.browsing import request_of
from pages.pictures import SVG, ico, jpeg, png
from poolkeeper.branding import classic_css, looks
from poolkeeper.branding.classic_css import Classic
from poolkeeper.branding.css_values import Keep
from poolkeeper.operations.cognito_idp import ui_customizations
from poolkeeper.store import brandings

CSS = ".label-customizable {font-weight: 400;}"
OTHER = ".label-customizable {font-weight: 100;}"


def put(at: Estate, client_id: str = "ALL", **more: Any) -> dict[str, Any]:
    """Set a customisation and return what is answered."""
    given = {"UserPoolId": at.pool.pool_id, "ClientId": client_id, **more}
    answer: dict[str, Any] = at.world.signed.set_ui_customization(**given)["UICustomization"]
    return answer


def got(at: Estate, client_id: str = "ALL") -> dict[str, Any]:
    """Return what is set."""
    found = at.world.signed.get_ui_customization(UserPoolId=at.pool.pool_id, ClientId=client_id)
    answer: dict[str, Any] = found["UICustomization"]
    return answer


def page_of(at: Estate, form: str = "prefix") -> str:
    """Return the sign-in page of the app client at a form of its address."""
    host, mount = at.forms[form]
    answer = at.ask(host, f"{mount}/login", params=request_of(at.client))
    assert answer.status_code == 200
    return answer.text


def sheet_of(at: Estate, page: str) -> str:
    """Return the customer's sheet that a page links, which must come from its own origin and be kept for good."""
    (address,) = re.findall(r'<link rel="stylesheet" href="(/_brand/[^"]+\.css)">', page)
    answer = at.ask(at.forms["prefix"][0], address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    return answer.text


def test_what_is_set_comes_back(world: World) -> None:
    """CSS as it was given, a version by its time, the picture by an address that serves it."""
    at = estate(world)
    answer = put(at, CSS=CSS, ImageFile=png())
    assert answer == got(at)
    assert answer["UserPoolId"] == at.pool.pool_id
    assert (answer["ClientId"], answer["CSS"]) == ("ALL", CSS)
    assert re.fullmatch(r"\d{14}", answer["CSSVersion"])
    assert answer["CreationDate"] == answer["LastModifiedDate"]
    origin, _, path = answer["ImageUrl"].partition("/_brand/")
    assert origin == f"http://{at.custom}:7665" or origin.startswith("http")
    served = at.ask(at.forms["prefix"][0], f"/_brand/{path}")
    assert (served.status_code, served.content, served.headers["content-type"]) == (200, png(), "image/png")
    assert served.headers["x-content-type-options"] == "nosniff"
    assert served.headers["content-security-policy"].startswith("sandbox")


def test_one_client_or_all(world: World) -> None:
    """A client without its own has that of ALL as a whole; with its own it has nothing of ALL's."""
    at = estate(world)
    assert got(at) == got(at, at.client.client_id) == {}
    put(at, CSS=CSS, ImageFile=png())
    assert got(at, at.client.client_id) == got(at)
    put(at, at.client.client_id, CSS=OTHER)
    own = got(at, at.client.client_id)
    assert (own["ClientId"], own["CSS"], "ImageUrl" in own) == (at.client.client_id, OTHER, False)
    assert "font-weight: 100" in sheet_of(at, page_of(at))
    put(at, at.client.client_id)
    assert got(at, at.client.client_id) == got(at)
    page = page_of(at)
    assert "font-weight: 400" in sheet_of(at, page)
    assert 'class="logo logo-customizable"' in page


def test_a_client_that_goes_meanwhile_leaves_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sheet was read when it went."""
    at, read = estate(world), classic_css.cleaned

    def cleaned(text: str, keep: Keep) -> Classic:
        world.signed.delete_user_pool_client(UserPoolId=at.pool.pool_id, ClientId=at.client.client_id)
        return read(text, keep)

    monkeypatch.setattr(ui_customizations, "cleaned", cleaned)
    assert refused(lambda: put(at, at.client.client_id, CSS=CSS))[0] == "ResourceNotFoundException"
    assert world.rows("SELECT client_id FROM ui_customizations WHERE pool_id = $1", at.pool.pool_id) == []


def test_a_second_setting_replaces_the_first(world: World) -> None:
    """What is left out is gone; the birth stays, the change is new."""
    at = estate(world)
    first = put(at, CSS=CSS, ImageFile=png())
    world.clock.advance(5_000)
    second = put(at, CSS=OTHER)
    assert second == got(at)
    assert "ImageUrl" not in second
    assert second["CreationDate"] == first["CreationDate"]
    assert second["LastModifiedDate"] > first["LastModifiedDate"]
    assert second["CSSVersion"] != first["CSSVersion"]


def test_the_pages_show_it_at_domains_of_the_classic_look(world: World) -> None:
    """ManagedLoginVersion 1 shows it, 2 does not; a change is seen by the next request."""
    at = estate(world)
    assert "/_brand/" not in page_of(at)
    put(at, CSS=CSS, ImageFile=png())
    page = page_of(at)
    assert "font-weight: 400" in sheet_of(at, page)
    assert '<main class="classic background-customizable">' in page
    assert "tokens-dark.css" not in page
    (picture,) = re.findall(r'src="(/_brand/[^"]+\.png)"', page)
    assert at.ask(at.forms["prefix"][0], picture).content == png()
    for form in ("custom", "path", "bare"):
        assert sheet_of(at, page_of(at, form))
    world.signed.update_user_pool_domain(UserPoolId=at.pool.pool_id, Domain=at.prefix, ManagedLoginVersion=2)
    assert "/_brand/" not in page_of(at)
    assert sheet_of(at, page_of(at, "custom"))
    world.signed.update_user_pool_domain(UserPoolId=at.pool.pool_id, Domain=at.prefix, ManagedLoginVersion=1)
    put(at)
    assert "/_brand/" not in page_of(at)


def test_pages_that_know_the_client_alone_have_its_look(world: World) -> None:
    """The error page of a request that is wrong, and the page of who has signed out."""
    at = estate(world)
    put(at, CSS=CSS)
    host = at.forms["prefix"][0]
    for path in ("/error", "/logout/done"):
        assert sheet_of(at, at.ask(host, path, params={"client_id": at.client.client_id}).text)
        assert sheet_of(at, at.ask(host, path, params={"client_id": "nobodys"}).text)


def test_a_domain_is_needed(world: World) -> None:
    """measured.md 9; the client is looked for first."""
    pool = world.pool()
    told = refused(lambda: world.signed.set_ui_customization(UserPoolId=pool.pool_id, CSS=CSS))
    assert told == ("InvalidParameterException", "A domain must be associated with this user pool.")
    name, words = refused(lambda: world.signed.get_ui_customization(UserPoolId=pool.pool_id))
    assert name == "InvalidParameterException"
    assert "There has to be an existing domain associated with this user pool" in words
    for call in (world.signed.set_ui_customization, world.signed.get_ui_customization):
        name, _ = refused(partial(call, UserPoolId=pool.pool_id, ClientId="nobody"))
        assert name == "ResourceNotFoundException"


@pytest.mark.parametrize("css", ["@import url(https://evil.example);", ".foo { color: red }", "{" * 50_000])
def test_css_that_is_refused_changes_nothing(world: World, css: str) -> None:
    """Attack row 88: InvalidParameterException, and what was there is shown still."""
    at = estate(world)
    put(at, CSS=CSS)
    name, _ = refused(lambda: put(at, CSS=css))
    assert name == "InvalidParameterException"
    assert got(at)["CSS"] == CSS


@pytest.mark.parametrize("image", [SVG, ico(), b"GIF89a" + bytes(30), b"<script>alert(1)</script>", png(9000, 1)])
def test_a_logo_is_a_png_or_a_jpeg(world: World, image: bytes) -> None:
    """Attack row 87: nothing that could be a document, and no picture of very many pixels."""
    at = estate(world)
    name, _ = refused(lambda: put(at, ImageFile=image))
    assert name == "InvalidParameterException"
    assert put(at, ImageFile=jpeg())["ImageUrl"].endswith(".jpeg")


def test_a_whole_request_is_of_135_kilobytes(world: World) -> None:
    """CSS and logo together: what AWS's guide says."""
    at = estate(world)
    large = png() + bytes(102_000)
    name, told = refused(lambda: put(at, ImageFile=large))
    assert (name, told) == ("InvalidParameterException", "request parameters too large")
    put(at, ImageFile=large[:99_000])


def test_what_is_left_out_of_the_css_is_told_in_the_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A property that is harmless and not shown is no reason to refuse a sheet."""
    at = estate(world)
    put(at, CSS=".label-customizable { transition: all 1s; color: red }")
    assert "transition" in caplog.text
    assert "transition" not in sheet_of(at, page_of(at))


def test_an_address_of_before_gets_the_sheet_of_now(world: World) -> None:
    """A page from before a change is styled still, and nobody keeps the new sheet under the old name."""
    at = estate(world)
    put(at, CSS=CSS)
    (address,) = re.findall(r'href="(/_brand/[^"]+\.css)"', page_of(at))
    put(at, CSS=OTHER)
    answer = at.ask(at.forms["prefix"][0], address)
    assert "font-weight: 100" in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/_brand/us-east-1_nobody123/classic/ALL/" + "0" * 32 + ".css",
        "/_brand/{pool}/classic/ALL/" + "0" * 32 + ".png",
        "/_brand/{pool}/classic/ALL/" + "0" * 32 + ".html",
        "/_brand/{pool}/classic/%00/" + "0" * 32 + ".png",
        "/_brand/{pool}/managed/%00/" + "0" * 32 + ".png",
        "/_brand/{pool}/managed/" + "0" * 36 + "/" + "0" * 32 + ".svg",
        "/_brand/{pool}/other/ALL/" + "0" * 32 + ".png",
        "/_brand/%00/classic/ALL/" + "0" * 32 + ".css",
        "/_brand/{pool}/classic/ALL/x.css",
    ],
)
def test_there_is_nothing_at_other_addresses(world: World, path: str) -> None:
    """404 for everything that is no file of a look, without a word to the database about NUL."""
    at = estate(world)
    assert at.ask(at.forms["prefix"][0], path.format(pool=at.pool.pool_id)).status_code == 404


def test_css_that_would_not_be_taken_any_more_breaks_no_page(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """A later version may take less: what lies in the database already is left out then, and the log says so."""
    at = estate(world)
    put(at, CSS=CSS, ImageFile=png())

    async def spoil() -> None:
        async def change(tx: Any) -> None:
            row = await brandings.customization(tx, pool_id=at.pool.pool_id, client_id="ALL")
            assert row is not None
            spoilt = type(row)(row.client_id, 1, 1, row.css_version, "@import url(x);", row.format, row.digest)
            await brandings.put_customization(tx, pool_id=at.pool.pool_id, row=spoilt, image=png())

        await world.house.db.write(change)
        world.house.memory.looks.clear()

    world.run(spoil)
    page = page_of(at)
    assert "logo-customizable" in page
    assert ".css" not in "".join(re.findall(r'"/_brand/[^"]+"', page))
    assert "is not shown" in caplog.text


def test_a_sheet_that_did_not_change_is_not_read_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another change of the pool makes no process read a large sheet again; a change of the sheet does."""
    at, read, classic = estate(world), [], looks.classic

    def counted(*given: Any, **more: Any) -> looks.Look:
        with pytest.raises(RuntimeError):  # a large one takes long, and the loop serves others meanwhile
            asyncio.get_running_loop()
        read.append(given)
        return classic(*given, **more)

    monkeypatch.setattr(looks, "classic", counted)
    for css, times in ((CSS, 1), (CSS, 1), (OTHER, 2)):
        put(at, CSS=css)
        world.signed.update_user_pool(UserPoolId=at.pool.pool_id)
        assert sheet_of(at, page_of(at))
        assert len(read) == times
