"""Does what cites a page about AWS, or the list of attacks, lead somewhere? Every citation of the project is followed.

`userpools.md 7.4` is a heading or a numbered item of userpools.md, `attacks.md 38-42` rows of docs/attacks.md,
`attacks.md F27` a fault and `attacks.md part 4, rule 7` an item of a part (docs/cognito/README.md).
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = {page.name: page for page in (*(ROOT / "docs" / "cognito").glob("*.md"), ROOT / "docs" / "attacks.md")}
PAGES.pop("README.md")
SECURITY = ROOT / "docs" / "security.md"

_ITEM = r"(?:F?[0-9]+[a-z]?(?:\.[0-9]+)*|part [0-9]+|rule [0-9]+)(?![0-9])"
_BETWEEN = r"(?:, | and | or | to |-)"
_NAME = rf"\b({'|'.join(re.escape(name) for name in sorted(PAGES))})`?"
CITATION = re.compile(rf"{_NAME} ({_ITEM}(?:{_BETWEEN}{_ITEM})*)")
# A citation by any other name would lead nowhere, and nobody would notice.
STALE = re.compile(
    r"\bcontract(?:/|,? (?:[0-9]|user pools|identity|infrastructure|clients))"
    r"|\battacks? [0-9]"
    r"|\b(?:user pools|identity|infrastructure) [0-9]+(?:\.[0-9]+)*\b(?! operations)"
    r"|\w \([0-9]\.[0-9]+\)[.\"]",
    re.IGNORECASE,
)
_LINE_BREAK = re.compile(r"\n[ \t]*(?:#+ )?")


def files() -> Iterator[Path]:
    """Yield every text of the project that may cite, this one apart."""
    for folder in ("src", "tests", "tools", "benchmarks", "docs"):
        for pattern in ("*.py", "*.md", "*.json", "*.mjs"):
            yield from (ROOT / folder).rglob(pattern)
    yield from ROOT.glob("*.md")
    yield ROOT / "pyproject.toml"
    yield ROOT / "Makefile"


def texts() -> Iterator[tuple[str, str]]:
    """Yield each file's name and its text, a line break with the indent or the mark of a comment after it as one blank."""
    for file in files():
        if file != Path(__file__).resolve():
            yield file.relative_to(ROOT).as_posix(), _LINE_BREAK.sub(" ", file.read_text())


@cache
def anchors(page: str) -> frozenset[str]:
    """Return what a page can be cited by: its numbered headings, the items under them, and of the attacks the rows."""
    found, section, faults = set[str](), "", False
    for line in PAGES[page].read_text().splitlines():
        if heading := re.match(r"#{2,} ([0-9]+(?:\.[0-9]+)*)[. ]", line):
            section = heading[1]
            found.add(f"part {section}" if page == "attacks.md" else section)
        elif item := re.match(r"([0-9]+)\. ", line):
            found.add(f"{section}.{item[1]}" if section else item[1])
        elif line.startswith(("| # |", "| F |")):
            faults = line.startswith("| F |")
        elif page == "attacks.md" and (row := re.match(r"\| ([0-9]+)(?:-([0-9]+)|([a-z]))? \|", line)):
            numbers = range(int(row[1]), int(row[2] or row[1]) + 1)
            found.update(f"{'F' * faults}{number}{row[3] or ''}" for number in numbers)
    return frozenset(found)


def dangling(text: str) -> list[str]:
    """Return the citations of a text that lead nowhere, each as it would have to be found."""
    missing = []
    for citation in CITATION.finditer(text):
        page, part, last = citation[1], "", ""
        for between, item in re.findall(rf"({_BETWEEN})?({_ITEM})", citation[2]):
            if item.startswith("part "):
                part = item.removeprefix("part ")
            named = f"{part}.{item.removeprefix('rule ')}" if item.startswith("rule ") else item
            wanted = [str(number) for number in range(int(last), int(named))] if between == "-" else []
            missing += [f"{page} {one}" for one in [*wanted, named] if one not in anchors(page)]
            last = named
    return missing


def test_every_citation_leads_to_its_place() -> None:
    """The page is there and has the heading, item, row or rule of that number."""
    wrong = [f"{file}: {citation}" for file, text in texts() for citation in dangling(text)]
    assert wrong == []


def test_nothing_is_cited_in_another_form() -> None:
    """What the test above could not follow is not written."""
    wrong = [f"{file}: {found[0]}" for file, text in texts() for found in STALE.finditer(text)]
    assert wrong == []


def test_citations_are_found_at_all() -> None:
    """The source and the tests cite in hundreds of places, each page at least once."""
    cited = [found[1] for _, text in texts() for found in CITATION.finditer(text)]
    assert len(cited) > 300
    assert set(cited) == set(PAGES)


@pytest.mark.parametrize(
    ("citation", "missing"),
    [
        ("userpools.md 7.4", []),
        ("userpools.md 0.10 and 3.8.5, 4.1", []),
        ("clients.md 9", []),
        ("measured.md 0.5", []),
        ("attacks.md 38-42, 86a, 113", []),
        ("attacks.md part 4, rule 7, F23", []),
        ("userpools.md 7.9", ["userpools.md 7.9"]),
        ("userpools.md 0.11", ["userpools.md 0.11"]),
        ("infrastructure.md 2 to 9", ["infrastructure.md 9"]),
        ("clients.md 99", ["clients.md 99"]),
        ("attacks.md 165-167", ["attacks.md 167"]),
        ("attacks.md 5, F99", ["attacks.md F99"]),
        ("attacks.md part 4, rule 70", ["attacks.md 4.70"]),
        ("attacks.md part 9", ["attacks.md part 9"]),
    ],
)
def test_a_citation_is_followed_by_every_number_of_it(citation: str, missing: list[str]) -> None:
    """Lists, ranges, rows, faults and rules; what is not there is named."""
    assert dangling(f"A sentence ({citation}) that cites.") == missing


@pytest.mark.parametrize("row", re.findall(r"^\| (F?[0-9]+) \|", SECURITY.read_text(), flags=re.MULTILINE))
def test_every_row_under_test_is_a_row_of_the_list(row: str) -> None:
    """docs/security.md numbers as docs/attacks.md does."""
    assert row in anchors("attacks.md")
