"""Is every module of the conformance suite's three plans a test, and is its configuration one? The page says which and how."""

import ast
import json
import re
from pathlib import Path

from api.world import World
from oauth.relying_party import NAME, RelyingParty, relying_party

HERE = Path(__file__).parent
PAGE = (HERE.parents[1] / "docs" / "conformance.md").read_text()
MODULES = re.findall(
    r"^\| (basic|config|logout) \| `(oidcc-[a-z0-9-]+)` \| `tests/oauth/([^`:]+)::(\w+)`", PAGE, re.MULTILINE
)
CONFIGURATION = json.loads((HERE / "conformance.json").read_text())


def test_every_module_is_a_test_of_its_name() -> None:
    """38, 1 and 11 (oauth-federation.md 10); no test is left over."""
    plans = [plan for plan, *_ in MODULES]
    assert {plan: plans.count(plan) for plan in plans} == {"basic": 38, "config": 1, "logout": 11}
    assert all(test == "test_" + module.replace("-", "_") for _, module, _, test in MODULES)
    found = {
        (path.name, one.name)
        for path in HERE.glob("test_oidcc_*.py")
        for one in ast.parse(path.read_text()).body
        if isinstance(one, ast.FunctionDef) and one.name.startswith("test_oidcc_")
    }
    assert found == {(file, test) for _, _, file, test in MODULES}


def test_the_configuration_overrides_modules_that_are_there() -> None:
    """Under the names of the plans, with the members that the suite reads."""
    assert CONFIGURATION["override"].keys() <= {module for _, module, _, _ in MODULES}
    assert CONFIGURATION.keys() == {
        *("alias", "description", "server", "client", "client_secret_post", "client2", "browser", "override")
    }


def test_the_configuration_fills_our_pages(world: World) -> None:
    """The fields and the button that it names are on the sign-in page."""
    party: RelyingParty = relying_party(world)
    commands = CONFIGURATION["browser"][0]["tasks"][0]["commands"]
    filled = {
        name: value for kind, by, name, value, *_ in (one for one in commands if one[0] == "text") if by == "name"
    }
    assert filled["username"] == NAME == CONFIGURATION["server"]["login_hint"]
    page = party.shown(party.ask(party.request()))
    assert filled.keys() <= page.form("/login").fields.keys()
    assert commands[-1] == ["click", "css", "button.main"]
    assert b'class="button main' in page.page.body
