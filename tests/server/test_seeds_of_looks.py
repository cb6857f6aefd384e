"""Do pages look as a seed file says? Styles of managed login and the classic look, from files beside it, once; faults all at once."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from pages.pictures import SVG, ico, png
from poolkeeper.server.seeding.reading import SeedError, read
from poolkeeper.testing import poolkeeper_server
from server import program
from server.operating import KEY, client_of
from server.program import Place, place, serving

BRANDS = Path(__file__).parents[2] / "examples" / "brands"
POOL = "us-east-1_Looks"
SEED = """
[[user_pools]]
id = "us-east-1_Looks"
PoolName = "looks"

[[user_pools.domains]]
Domain = "looks"

[[user_pools.clients]]
id = "web"
ClientName = "web"

[[user_pools.clients]]
id = "cli"
ClientName = "cli"

[[user_pools.clients]]
id = "plain"
ClientName = "plain"

[[user_pools.managed_login_brandings]]
ClientId = "web"
Assets = {file = "brand/assets.json"}

[user_pools.managed_login_brandings.Settings.components.primaryButton.lightMode.defaults]
backgroundColor = "0a4d8cff"

[[user_pools.managed_login_brandings]]
ClientId = "cli"
Settings = {file = "brand/settings.json"}
Assets = [{Category = "FAVICON_ICO", ColorMode = "DYNAMIC", Extension = "ICO", Bytes = {file = "brand/favicon.ico"}}]

[[user_pools.managed_login_brandings]]
ClientId = "plain"
UseCognitoProvidedValues = true

[[user_pools.ui_customizations]]
CSS = {file = "classic.css"}
ImageFile = {file = "brand/logo.png"}

[[user_pools.ui_customizations]]
ClientId = "web"
CSS = ".label-customizable { font-weight: 400; }"
"""
COLORS = {"components": {"primaryButton": {"lightMode": {"defaults": {"backgroundColor": "123456ff"}}}}}


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """Write the seed, and what it names beside it."""
    brand = tmp_path / "seed" / "brand"
    brand.mkdir(parents=True)
    (brand / "logo.svg").write_bytes(SVG)
    (brand / "logo.png").write_bytes(png(35, 17))
    (brand / "favicon.ico").write_bytes(ico())
    (brand / "settings.json").write_text(json.dumps(COLORS))
    logo = {"Category": "FORM_LOGO", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": {"file": "logo.svg"}}
    (brand / "assets.json").write_text(json.dumps([logo]))
    (brand.parent / "classic.css").write_text(".banner-customizable { background-color: lightgray; }\n")
    file = brand.parent / "looks.seed.toml"
    file.write_text(SEED)
    return file


def _style(idp: Any, client_id: str) -> dict[str, Any]:
    held = idp.describe_managed_login_branding_by_client(UserPoolId=POOL, ClientId=client_id)
    style: dict[str, Any] = held["ManagedLoginBranding"]
    return style


def test_looks_of_a_seed_are_there_once_and_seen(installed: Place, seed: Path) -> None:
    """Inline and by file, of an app client and of ALL; a second start changes nothing, and makes what was taken away."""
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        web, cli, plain = (_style(idp, one) for one in ("web", "cli", "plain"))
        assert web["Settings"]["components"]["primaryButton"]["lightMode"]["defaults"] == {
            "backgroundColor": "0a4d8cff"
        }
        assert [(one["Category"], one["Bytes"]) for one in web["Assets"]] == [("FORM_LOGO", SVG)]
        assert (cli["Settings"], [one["Bytes"] for one in cli["Assets"]]) == (COLORS, [ico()])
        assert (plain["UseCognitoProvidedValues"], plain["Assets"]) == (True, [])
        for_all = idp.get_ui_customization(UserPoolId=POOL, ClientId="ALL")["UICustomization"]
        assert for_all["CSS"] == ".banner-customizable { background-color: lightgray; }"
        own = idp.get_ui_customization(UserPoolId=POOL, ClientId="web")["UICustomization"]
        assert (own["ClientId"], "ImageUrl" in own) == ("web", False)
        shown = httpx.get(f"{installed.endpoint}{for_all['ImageUrl'][for_all['ImageUrl'].index('/_brand/') :]}")
        assert shown.content == png(35, 17)
        idp.update_managed_login_branding(
            UserPoolId=POOL, ManagedLoginBrandingId=web["ManagedLoginBrandingId"], UseCognitoProvidedValues=True
        )
        idp.delete_managed_login_branding(UserPoolId=POOL, ManagedLoginBrandingId=cli["ManagedLoginBrandingId"])
        idp.set_ui_customization(UserPoolId=POOL, ClientId="web")  # neither CSS nor a logo takes it away
        before = (_style(idp, "web"), _style(idp, "plain"), for_all)
    with serving(installed, "--dev", "--seed", str(seed)):
        idp = client_of(installed)
        again = idp.get_ui_customization(UserPoolId=POOL, ClientId="ALL")["UICustomization"]
        assert (_style(idp, "web"), _style(idp, "plain"), again) == before
        assert _style(idp, "cli")["Settings"] == COLORS
        assert idp.get_ui_customization(UserPoolId=POOL, ClientId="web")["UICustomization"]["ClientId"] == "web"


def test_a_changed_brand_is_seen_after_a_reset(tmp_path: Path, seed: Path) -> None:
    """A start leaves what is there; back at the seed everything is as the files have it now."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev", "--seed", str(seed)):
        (seed.parent / "brand" / "settings.json").write_text("{}")
        assert _style(client_of(where), "cli")["Settings"] == COLORS
        assert httpx.post(f"{where.endpoint}/_dev/reset").status_code == 204
        assert _style(client_of(where), "cli")["Settings"] == {}
        (seed.parent / "brand" / "settings.json").write_text("{")
        told = httpx.post(f"{where.endpoint}/_dev/reset")
        assert (told.status_code, "settings.json is no JSON" in told.text) == (409, True)
        assert _style(client_of(where), "cli")["Settings"] == {}


def test_what_cannot_be_read_of_looks_is_told_with_its_lines(tmp_path: Path) -> None:
    """Files that are not there or are no JSON, at the place of the member; entries that say nothing or stand twice."""
    (tmp_path / "bad.json").write_text("{")
    (tmp_path / "list.json").write_text(
        '[{"Category": "X", "ColorMode": "LIGHT", "Extension": "SVG", "Bytes": {"file": "none"}}]'
    )
    file = tmp_path / "bad.toml"
    style = '[[user_pools.managed_login_brandings]]\nClientId = "web"\n'
    file.write_text(
        '[[user_pools]]\nid = "us-east-1_Looks"\nPoolName = "looks"\n'
        + style
        + 'Settings = {file = "bad.json"}\nAssets = [{Bytes = {file = "a"}}, {Bytes = {env = "HOME"}}, {Bytes = {file = "b"}}]\n'
        + style
        + 'Assets = {file = "list.json"}\nColour = 1\n'
        + '[[user_pools.ui_customizations]]\nCSS = {file = "none.css"}\nImageFile = "!"\n'
        + '[[user_pools.ui_customizations]]\nClientId = "ALL"\n'
    )
    with pytest.raises(SeedError) as refusal:
        read(file, region="us-east-1")
    faults = [fault.removeprefix(f"{file}:").replace(f"{tmp_path}/", "") for fault in refusal.value.faults]
    missing = "cannot be read (No such file or directory)"
    told = [
        "4: Settings: bad.json is no JSON",
        f"4: Assets[0].Bytes: a {missing}",
        '4: Assets[1].Bytes: is {file = "..."}, or its content in base64',
        f"4: Assets[2].Bytes: b {missing}",
        f"8: Assets[0].Bytes: none {missing}",
        "8: user_pools.managed_login_brandings does not take Colour",
        "8: user_pools.managed_login_brandings has 'web' already, in line 4",
        f"12: CSS: none.css {missing}",
        "15: user_pools.ui_customizations needs CSS or ImageFile",
        "15: user_pools.ui_customizations has 'ALL' already, in line 12",
    ]
    assert [one for one in told if one not in faults] == []
    assert {one.partition(":")[0] for one in faults if one not in told} == {"4", "8", "12"}


def test_all_that_is_wrong_with_looks_is_told_at_the_start_and_nothing_of_them_is_made(
    tmp_path: Path, seed: Path
) -> None:
    """Colours that are none, pictures of another kind, CSS that would run something, a pool without a domain."""
    where = place(tmp_path, **KEY)
    (seed.parent / "brand" / "settings.json").write_text(
        '{"categories": {"global": {"colorSchemeMode": "RED"}}, "components": {"form": 1}}'
    )
    (seed.parent / "brand" / "favicon.ico").write_bytes(png())
    (seed.parent / "brand" / "logo.svg").write_text("<html")
    (seed.parent / "brand" / "logo.png").write_bytes(ico())
    (seed.parent / "classic.css").write_text("@import url(https://evil.example/x.css);")
    seed.write_text(
        SEED.replace('[[user_pools.domains]]\nDomain = "looks"\n', "\n\n").replace(
            'ClientId = "plain"', 'ClientId = "gone"'
        )
    )
    told = program.run(where, "serve", "--dev", "--tls-port", str(where.tls_port), "--seed", str(seed))
    assert told.returncode == 2
    lines = [line.strip().removeprefix(f"{seed}:") for line in told.stderr.splitlines() if f"{seed}:" in line]
    assert [line.partition(":")[0] for line in lines] == ["21", "28", "28", "28", "33", "37", "37", "37", "41"]
    assert lines[0].startswith("21: Invalid asset: FORM_LOGO is no SVG that can be shown")
    assert lines[1].startswith("28: Invalid branding settings: categories.global.colorSchemeMode must be of DARK")
    assert lines[2] == "28: Invalid branding settings: components.form must be an object."
    assert lines[3].startswith("28: Invalid asset: FAVICON_ICO says ICO and is PNG")
    assert lines[4] == "33: User pool client gone does not exist."
    assert lines[5] == lines[8].replace("41", "37") == "37: A domain must be associated with this user pool."
    assert lines[7].startswith("37: The image file must be a PNG or JPEG")
    with serving(where, "--dev"):
        idp = client_of(where)
        with pytest.raises(idp.exceptions.ResourceNotFoundException):
            _style(idp, "web")


def test_the_brands_of_the_examples_are_applied_by_their_seed() -> None:
    """All three, as the program of the folder applies each."""
    with poolkeeper_server(BRANDS / "poolkeeper.seed.toml") as server:
        idp = server.client()
        for brand in ("bank", "children", "developer"):
            held = idp.describe_managed_login_branding_by_client(UserPoolId="us-east-1_Brands", ClientId=brand)
            style = held["ManagedLoginBranding"]
            assert style["Settings"] == json.loads((BRANDS / brand / "settings.json").read_text())
            given = {one["Bytes"]["file"]: one for one in json.loads((BRANDS / brand / "assets.json").read_text())}
            assert {one["Bytes"] for one in style["Assets"]} == {(BRANDS / brand / name).read_bytes() for name in given}
            query = f"client_id={brand}&response_type=code&redirect_uri=http://localhost:3000/"
            page = httpx.get(f"{server.url}/login?{query}", follow_redirects=True)
            assert (page.status_code, "/_brand/us-east-1_Brands/" in page.text) == (200, True)
