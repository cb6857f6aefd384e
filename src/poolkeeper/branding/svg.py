"""What is shown of a customer's drawing? An SVG made anew of shapes, paints and filters, read by the one XML reader.

What runs, asks another server, moves or is another language is left out: scripts, handlers, links, pictures, animation, foreign
objects. Sheets and `style` become the attributes that they stand for. Source: oauth-federation.md 5; SVG 2, property index.
"""

import re
from collections.abc import Iterator, Mapping

import tinycss2
from lxml import etree

from poolkeeper import xml_reader
from poolkeeper.branding.css_values import Token
from poolkeeper.branding.svg_cost import TooMuch, require_little
from poolkeeper.xml_reader import BadXml, Element

_SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"
MOST_ELEMENTS = 5_000
# What is used is drawn anew each time: with uses within uses a drawing could take a browser for ever.
MOST_USES = 256
_MOST_RULES = 500
_MOST_SELECTORS = 2_000
# In sheets and in `style` together: reading takes some ten microseconds a character, in a thread that others wait for.
MOST_CSS = 256_000
# A rule of a sheet becomes attributes of every element that it selects: a small drawing could become a huge one.
_MOST_GROWTH = 4


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TEXTS = frozenset({"text", "tspan", "title", "desc"})
_REFERRING = frozenset({"use", "linearGradient", "radialGradient"})
_ELEMENTS = _TEXTS | _words(
    "svg g defs symbol use path rect circle ellipse line polyline polygon linearGradient radialGradient stop clipPath mask "
    "pattern marker filter feBlend feColorMatrix feComponentTransfer feComposite feDropShadow feFlood feFuncA feFuncB feFuncG "
    "feFuncR feGaussianBlur feMerge feMergeNode feOffset feTile feTurbulence"
)
# Their content is shown without them.
_UNWRAPPED = frozenset({"a", "switch"})
_PRESENTATION = _words(
    "clip-path clip-rule color color-interpolation-filters display dominant-baseline fill fill-opacity fill-rule filter "
    "flood-color flood-opacity font-family font-size font-style font-weight letter-spacing marker-end marker-mid marker-start "
    "mask opacity paint-order shape-rendering stop-color stop-opacity stroke stroke-dasharray stroke-dashoffset stroke-linecap "
    "stroke-linejoin stroke-miterlimit stroke-opacity stroke-width text-anchor transform vector-effect visibility"
)
_ATTRIBUTES = _PRESENTATION | _words(
    "id x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy d points width height viewBox preserveAspectRatio pathLength offset rotate "
    "gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits maskContentUnits patternUnits patternContentUnits "
    "patternTransform markerUnits markerWidth markerHeight refX refY orient filterUnits primitiveUnits in in2 result type values "
    "mode operator k1 k2 k3 k4 stdDeviation tableValues slope intercept amplitude exponent baseFrequency numOctaves seed "
    "edgeMode version textLength lengthAdjust"
)
_LOCAL = re.compile(r"#[\w.-]{1,128}")
_REFERENCE = re.compile(r"""url\(\s*["']?#[\w.-]{1,128}["']?\s*\)""")
_ASKS = re.compile(r"url\s*\(|image\s*\(|\\|javascript:|expression\s*\(", re.IGNORECASE)


class BadSvg(Exception):  # noqa: N818 - what is said of the text, not of us
    """A text that is no drawing, or a drawing that is too large to read. The message is for its uploader."""


def cleaned(text: bytes, *, most_bytes: int) -> bytes:
    """Return a drawing made anew of what is allowed.

    Raises BadSvg for a text that is no SVG in UTF-8, has a document type, more than 5,000 elements or more than `most_bytes`,
    and for one that would become more than four times `most_bytes` or takes a browser too long (svg_cost.py).
    """
    try:
        root = xml_reader.read(text, most_bytes=most_bytes, most_elements=MOST_ELEMENTS)
    except BadXml as fault:
        raise BadSvg(str(fault)) from None
    if root.tag != f"{{{_SVG}}}svg":
        raise BadSvg("it is no SVG")
    if _length_of_css(root) > MOST_CSS:
        raise BadSvg(f"more than {MOST_CSS} characters of CSS")
    return _Cleaner(root, most_written=_MOST_GROWTH * most_bytes).drawn()


class _Cleaner:
    """Make one drawing anew, by the rules of its sheets and what its parts hold."""

    def __init__(self, root: Element, *, most_written: int) -> None:
        self._root = root
        self._left = most_written
        self._rules = _rules_of(root)
        self._using = {
            element.get("id")
            for element in root.iter(etree.Element)
            if next(element.iter(f"{{{_SVG}}}use"), None) is not None
        }
        self._uses = 0

    def drawn(self) -> bytes:
        made = etree.Element(f"{{{_SVG}}}svg", self._attributes(self._root, "svg"), nsmap={None: _SVG})
        self._fill(made, self._root, "svg")
        try:
            require_little(made)
        except TooMuch as fault:
            raise BadSvg(str(fault)) from None
        return etree.tostring(made, encoding="utf-8", xml_declaration=False)

    def _fill(self, made: Element, element: Element, name: str) -> None:
        """Make the content of an element anew; text stays where it stood, even after an element that is left out."""
        last, texts = None, [element.text or ""]
        for child in element:
            added = self._add(made, child) if isinstance(child.tag, str) else None
            if added is not None:
                _write(made, last, name, texts)
                last, texts = added, []
            texts.append(child.tail or "")
        _write(made, last, name, texts)

    def _add(self, made: Element, element: Element) -> Element | None:
        """Make an element anew, None where it is left out."""
        namespace, _, name = str(element.tag).rpartition("}")
        if namespace != f"{{{_SVG}":
            return None
        if name in _UNWRAPPED:
            name = "g"
        if name not in _ELEMENTS:
            return None
        attributes = self._attributes(element, name)
        if name == "use" and not self._may_use(attributes.get("href", "")):
            return None
        added = etree.SubElement(made, f"{{{_SVG}}}{name}", attributes)
        self._fill(added, element, name)
        return added

    def _may_use(self, address: str) -> bool:
        self._uses += 1
        return bool(address) and address[1:] not in self._using and self._uses <= MOST_USES

    def _attributes(self, element: Element, name: str) -> dict[str, str]:
        attributes = {
            str(key): str(value) for key, value in element.attrib.items() if key in _ATTRIBUTES and _is_harmless(value)
        }
        for selector in (
            name,
            *dict.fromkeys(f".{class_}" for class_ in element.get("class", "").split()),
            f"#{element.get('id')}",
        ):
            attributes |= self._rules.get(selector, {})
        attributes |= dict(_presented(element.get("style", "")))
        address = element.get("href") or element.get(_XLINK_HREF) or ""
        if name in _REFERRING and _LOCAL.fullmatch(address):
            attributes["href"] = address
        self._left -= sum(len(key) + len(value) for key, value in attributes.items())
        if self._left < 0:
            raise BadSvg("what its sheets say becomes too large")
        return attributes


def _write(made: Element, last: Element | None, name: str, texts: list[str]) -> None:
    """Write text into an element that may have some: after its last child, or at its beginning."""
    if name in _TEXTS and last is None:
        made.text = "".join(texts) or None
    elif name in _TEXTS and last is not None:
        last.tail = "".join(texts) or None


def _length_of_css(root: Element) -> int:
    sheets = sum(len(sheet.text or "") for sheet in root.iter(f"{{{_SVG}}}style"))
    return sheets + sum(len(element.get("style", "")) for element in root.iter(etree.Element))


def _rules_of(root: Element) -> Mapping[str, Mapping[str, str]]:
    """Return the properties that a drawing's sheets set, by selector; a selector is one tag, one class or one id."""
    rules: dict[str, dict[str, str]] = {}
    for sheet in root.iter(f"{{{_SVG}}}style"):
        for rule in tinycss2.parse_stylesheet(sheet.text or "", skip_comments=True, skip_whitespace=True)[:_MOST_RULES]:
            if rule.type != "qualified-rule":
                continue
            properties = dict(_presented(rule.content))
            for selector in _selectors(rule.prelude):
                if len(rules) >= _MOST_SELECTORS and selector not in rules:
                    continue
                rules.setdefault(selector, {}).update(properties)
    return rules


def _selectors(prelude: list[Token]) -> Iterator[str]:
    text = "".join(
        f"#{token.value}" if token.type == "hash" else str(getattr(token, "value", " "))
        for token in prelude
        if token.type in {"ident", "hash", "literal", "whitespace"}
    )
    return (part.strip() for part in text.split(",") if re.fullmatch(r"\s*[.#]?[\w-]+\s*", part))


def _presented(content: list[Token] | str) -> Iterator[tuple[str, str]]:
    """Yield the declarations that an attribute may stand for, as name and value."""
    for declaration in tinycss2.parse_blocks_contents(content, skip_comments=True, skip_whitespace=True):
        if (
            declaration.type == "declaration"
            and declaration.lower_name in _PRESENTATION
            and len(declaration.value) < 64
        ):
            value = _shallow(declaration.value)
            if _is_harmless(value):
                yield declaration.lower_name, value


def _shallow(tokens: list[Token]) -> str:
    """Return a value as text, empty, and so harmless, where it has a function in a function or any block."""
    inside = [inner for token in tokens for inner in getattr(token, "arguments", ())]
    nested = any(inner.type == "function" for inner in inside)
    blocks = any(token.type.endswith("block") for token in (*tokens, *inside))
    return "" if nested or blocks else tinycss2.serialize(tokens).strip()


def _is_harmless(value: str) -> bool:
    return bool(value) and not _ASKS.search(_REFERENCE.sub("", value))
