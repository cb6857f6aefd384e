"""Does anything but the one reader parse XML? Nothing of the source does (attacks.md 119)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import poolkeeper

SOURCE = Path(poolkeeper.__file__).parent
READER = SOURCE / "xml_reader.py"
SIGNATURES = SOURCE / "federation" / "saml" / "signatures_library.py"
# What makes a tree out of text, by whatever library.
PARSERS = frozenset(
    {
        "XML",
        "XMLID",
        "XMLParser",
        "XMLPullParser",
        "HTML",
        "HTMLParser",
        "fromstring",
        "fromstringlist",
        "iterparse",
        "parse",
    }
)


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the full names of all that a file imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_other_library_of_xml_is_imported() -> None:
    """Of lxml its trees alone; of signxml what signatures_library.py takes."""
    files = list(SOURCE.rglob("*.py"))
    assert READER in files
    assert SIGNATURES in files
    others = {
        (file.name, name)
        for file in files
        for name in imported(ast.parse(file.read_text()))
        if name.split(".")[0] in {"xml", "xmlsec", "defusedxml", "html5lib", "bs4", "signxml", "lxml"}
        and not (name == "lxml.etree" or (file == SIGNATURES and name.startswith("signxml.")))
    }
    assert others == set()


def test_no_other_file_makes_a_tree_of_text() -> None:
    """Wherever lxml is imported, no function of it that reads is named."""
    readers = {
        file
        for file in SOURCE.rglob("*.py")
        if "lxml.etree" in imported(tree := ast.parse(file.read_text()))
        and any(
            isinstance(node, ast.Attribute)
            and node.attr in PARSERS
            and isinstance(node.value, ast.Name)
            and node.value.id == "etree"
            for node in ast.walk(tree)
        )
    }
    assert readers == {READER}
