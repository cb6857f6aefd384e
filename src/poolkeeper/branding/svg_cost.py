"""How much has a browser to draw for a drawing? What is referred to is drawn anew each time, in references within references too.

A mask of ten masks of ten masks, or a marker at every corner of what is a marker, is a page that never comes: a kilobyte is
enough. Source: SVG 2, 13.7 (markers), 14 (clipping, masking), 13.3 (patterns).
"""

import re
from collections.abc import Iterator, Mapping

from lxml import etree

from poolkeeper.xml_reader import Element

# Shapes, however often one is drawn: what takes a browser less than a second.
MOST_DRAWN = 20_000
# No tool makes references through more parts than this.
_DEEPEST = 8
# A corner of a path takes so many characters.
_CORNER = 4
_REFERENCE = re.compile(r"""url\(\s*["']?#([\w.-]{1,128})""")
_ONCE = ("mask", "clip-path")
# What lies within an element takes these from it.
_INHERITED = ("fill", "stroke")
_MARKERS = ("marker-start", "marker-mid", "marker-end")
_REPEATED = frozenset({"mask", "clipPath", "pattern", "marker"})


class TooMuch(Exception):  # noqa: N818 - what is said of the drawing, not of us
    """A drawing of parts that refer to parts, more of them than a browser can draw, or to themselves."""


def require_little(root: Element) -> None:
    """Pass for a drawing that a browser draws soon. Raises TooMuch."""
    parts: dict[str, Element] = {}
    for one in root.iter(etree.Element):
        parts.setdefault(one.get("id", ""), one)
    _Count(parts).of(root, 0)


class _Count:
    """Counts what is drawn; of each part that is referred to once."""

    def __init__(self, parts: Mapping[str, Element]) -> None:
        self._parts = parts
        self._known: dict[str, int] = {}

    def of(self, part: Element, level: int) -> int:
        """Return how many shapes a part draws. Raises TooMuch."""
        if level > _DEEPEST:
            raise TooMuch("its parts refer to one another too often")
        count = 0
        for one in part.iter(etree.Element):
            count += 1 + sum(times * self._named(name, level) for name, times in self._references(one))
            if count > MOST_DRAWN:
                raise TooMuch("its parts refer to one another too often")
        return count

    def _named(self, name: str, level: int) -> int:
        if name not in self._known:
            self._known[name] = self.of(self._parts[name], level + 1)
        return self._known[name]

    def _references(self, one: Element) -> Iterator[tuple[str, int]]:
        """Yield the parts that an element has drawn, and how often."""
        used = one.get("href", "").removeprefix("#")
        if str(one.tag).endswith("}use") and used in self._parts:
            yield used, 1
        for attribute in (*_ONCE, *_INHERITED, *_MARKERS):
            for name in _REFERENCE.findall(one.get(attribute, "")):
                if name in self._parts and str(self._parts[name].tag).rpartition("}")[2] in _REPEATED:
                    yield name, _times(one, attribute)


def _times(one: Element, attribute: str) -> int:
    if attribute in _ONCE:
        return 1
    within = list(one.iter(etree.Element))
    if attribute in _INHERITED:
        return len(within)
    return len(within) + sum(len(shape.get("d", "")) + len(shape.get("points", "")) for shape in within) // _CORNER
