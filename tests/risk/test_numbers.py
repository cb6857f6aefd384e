"""Does docs/risk.md tell the numbers by which the judge judges? Each of them, with its reason."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from poolkeeper.risk import habits, judge, population, profile, traits
from poolkeeper.risk.judge import Level

PAGE = Path(__file__).resolve().parents[2] / "docs" / "risk.md"
MODULES = {"judge": judge, "habits": habits, "profile": profile, "population": population, "traits": traits}
# What is no choice: units, names, a radius, and what is made of the others.
NO_CHOICE = {"ONE", "ON_TRIAL", "ACCEPTED", "EARTH_KM", "LEAST", "NOBODY", "TRAITS", "NAMED", "habits.DENIED"}
ROW = re.compile(r"\| `(\w+\.[A-Z_]+)` \| `(.+?)` \| (.+) \|")


def told() -> dict[str, tuple[Any, str]]:
    """Return the rows of the page: the value and the reason by the constant's name."""
    return {name: (ast.literal_eval(value), why) for name, value, why in ROW.findall(PAGE.read_text())}


def plain(value: Any) -> Any:
    """Return a value with its levels by their names."""
    if isinstance(value, Level):
        return value.name
    return tuple(plain(one) for one in value) if isinstance(value, tuple) else value


def chosen() -> dict[str, Any]:
    """Return the constants that each module sets itself."""
    return {
        f"{place}.{target.id}": vars(module)[target.id]
        for place, module in MODULES.items()
        for statement in ast.parse(Path(str(module.__file__)).read_text()).body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        for node in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        for target in ast.walk(node)
        if isinstance(target, ast.Name) and re.fullmatch("[A-Z][A-Z_]+", target.id)
        if not {target.id, f"{place}.{target.id}"} & NO_CHOICE
    }


@pytest.mark.parametrize("name", sorted(chosen()))
def test_the_page_has_the_number_and_a_reason(name: str) -> None:
    """As it is in the code."""
    value, why = told()[name]
    assert value == plain(chosen()[name])
    assert len(why) > 5


def test_the_page_has_no_other() -> None:
    """A row whose constant is gone is taken out."""
    assert told().keys() == chosen().keys()
