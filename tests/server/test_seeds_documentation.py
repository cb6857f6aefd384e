"""Is docs/seeds.md right? Its files work as they stand there, and its table has what the code has."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pages.brand_sheet import TEMPLATE
from pages.pictures import SVG, png
from poolkeeper.server.seeding.kinds import KINDS, Kind
from poolkeeper.testing import poolkeeper_server

PAGE = Path(__file__).parents[2].joinpath("docs", "seeds.md").read_text()


def test_the_file_of_the_documentation_works() -> None:
    """docs/seeds.md, as it stands there."""
    with poolkeeper_server(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]) as server:
        parameters = {"USERNAME": "ada", "PASSWORD": "Swim-in-2-pools"}
        answer = server.client().initiate_auth(
            ClientId="bookshop", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )
        assert "AccessToken" in answer["AuthenticationResult"]


def test_the_guarded_pool_of_the_documentation_works(tmp_path: Path) -> None:
    """docs/seeds.md, with the files that it names beside it."""
    file = tmp_path / "poolkeeper.seed.toml"
    file.write_text(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1])
    (tmp_path / "brand").mkdir()
    for name, content in (
        ("settings.json", b"{}"),
        ("logo.svg", SVG),
        ("logo.png", png()),
        ("classic.css", TEMPLATE.encode()),
    ):
        (tmp_path / "brand" / name).write_bytes(content)
    pool = {"UserPoolId": "us-east-1_Shop"}
    with poolkeeper_server(file) as server:
        idp = server.client()
        style = idp.describe_managed_login_branding_by_client(**pool, ClientId="shopweb")["ManagedLoginBranding"]
        assert [one["Bytes"] for one in style["Assets"]] == [SVG]
        assert idp.get_ui_customization(**pool, ClientId="shopweb")["UICustomization"]["ClientId"] == "ALL"
        risk = idp.describe_risk_configuration(**pool)["RiskConfiguration"]
        assert risk["AccountTakeoverRiskConfiguration"]["Actions"]["HighAction"]["EventAction"] == "BLOCK"
        assert [one["PolicyName"] for one in idp.list_cimd_policies(**pool)["CIMDPolicies"]] == ["tools"]


def test_the_documentation_has_every_kind_and_what_it_takes() -> None:
    """Each kind in the table with the names that are ours, each member that may stand outside of the file, each operation."""
    rows, kinds = dict(_documented()), dict(_paths(KINDS, ""))
    assert sorted(rows) == sorted(kinds)
    for path, kind in kinds.items():
        ours = [f"{path}: {own}" for own in kind.own if own.islower() and f"`{own}`" not in rows[path]]
        outside = [
            f"{path}: {one}" for one in kind.elsewhere if f"`{one.removesuffix('.*').split('.')[-1]}`" not in PAGE
        ]
        operations = [one.__name__.removesuffix("Request").removesuffix("Input") for one in (kind.request, *kind.later)]
        assert [*ours, *outside, *(one for one in operations if one not in PAGE)] == []


def _documented() -> Iterator[tuple[str, str]]:
    """Yield the kinds of the page's table with what it says of them; `.groups` is of the same owner as the one before it."""
    for names, told in re.findall(r"^\| (`[a-z_].*?) \| (.*)\|$", PAGE, re.MULTILINE):
        owner = ""
        for name in re.findall(r"`(.+?)`", names):
            owner = owner if name.startswith(".") else name.rpartition(".")[0]
            yield (f"{owner}{name}" if name.startswith(".") else name), told


def _paths(kinds: Mapping[str, Kind], owner: str) -> Iterator[tuple[str, Kind]]:
    for name, kind in kinds.items():
        yield f"{owner}{name}", kind
        yield from _paths(kind.children, f"{owner}{name}.")
