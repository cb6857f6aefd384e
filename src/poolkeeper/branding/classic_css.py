"""Which CSS of a customer's is shown on the classic pages? Rules for Cognito's classes, written anew from an allow-list.

What AWS refuses (another selector, an at-rule) and what could ask another server are refused with AWS's error; a harmless
property that is not in the list is left out. Sources: oauth-federation.md 5 (classes), attacks.md 88.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import tinycss2

from poolkeeper.branding.css_values import BadValue, Keep, Token, declarations, written

_ENDING = "-customizable"
# class -> the pseudo-classes that it may have
CLASSES: Mapping[str, frozenset[str]] = {
    "background": frozenset(),
    "banner": frozenset(),
    "errorMessage": frozenset(),
    "idpButton": frozenset({"hover"}),
    "idpDescription": frozenset(),
    "inputField": frozenset({"focus"}),
    "label": frozenset(),
    "legalText": frozenset(),
    "logo": frozenset(),
    "passwordCheck-valid": frozenset(),
    "passwordCheck-notValid": frozenset(),
    "redirect": frozenset(),
    "socialButton": frozenset(),
    "submitButton": frozenset({"hover"}),
    "textDescription": frozenset(),
}
_SIDES = ("", "-top", "-right", "-bottom", "-left")
PROPERTIES = frozenset(
    {
        "color",
        "background",
        "background-color",
        "background-image",
        "background-position",
        "background-repeat",
        "background-size",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "height",
        "letter-spacing",
        "line-height",
        "max-height",
        "max-width",
        "min-height",
        "min-width",
        "text-align",
        "text-decoration",
        "text-transform",
        "vertical-align",
        "width",
        "border-radius",
        "border-width",
        "border-style",
        "border-color",
        "box-shadow",
        "display",
        *(f"{name}{side}" for name in ("margin", "padding", "border") for side in _SIDES),
        *(f"border{side}-{part}" for side in _SIDES[1:] for part in ("color", "style", "width")),
    }
)
_PICTURED = frozenset({"background", "background-image"})
_SHOWN = frozenset({"block", "inline", "inline-block"})
# What may be hidden: without these a page still does all that it is there for.
_MAY_GO = frozenset({"banner", "idpDescription", "legalText", "logo", "redirect", "textDescription"})
# How often a class is repeated in its selector, so that it counts for more than our own rules (CSS selectors 4, 17).
_WEIGHT = 5
MOST_RULES = 200
# Every declaration of a rule is written once for each of its selectors: a small sheet with many of both would become huge.
MOST_LINES = 4_000
MOST_WRITTEN = 512 * 1024
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_SIMPLE = frozenset({"ident", "literal", "hash", "whitespace"})


class BadCss(Exception):  # noqa: N818 - what is said of the text, not of us
    """CSS that is refused. The message is shown to its uploader."""


@dataclass(slots=True)
class Classic:
    """What is shown of a customer's CSS: the sheet, written anew, and the names of what was left out, for the log."""

    css: str = ""
    left_out: list[str] = field(default_factory=list)


def cleaned(text: str, keep: Keep) -> Classic:
    """Return what is shown of a sheet; `keep` takes the pictures that stand in it.

    Raises BadCss.
    """
    rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
    if len(rules) > MOST_RULES:
        raise BadCss(f"The CSS has more than {MOST_RULES} rules.")
    result, parts, lines, size = Classic(), [], 0, 0
    for rule in rules:
        if rule.type == "at-rule":
            raise BadCss(f"The CSS at-rule @{rule.at_keyword[:40]} is not allowed.")
        if rule.type != "qualified-rule":
            raise BadCss("The CSS cannot be read.")
        names = _selectors(rule.prelude)
        block_declarations = _declarations(names[0][0], rule.content, keep)
        lines += len(names) * len(block_declarations)
        if lines > MOST_LINES:
            raise BadCss(f"The CSS has more than {MOST_LINES} declarations, counted for each selector.")
        for name, pseudo in names:
            parts.append(_block(name, pseudo, block_declarations, result.left_out))
            size += len(parts[-1])
            if size > MOST_WRITTEN:
                raise BadCss(f"The CSS has more than {MOST_WRITTEN} characters, counted for each selector.")
    result.css = "".join(parts)
    return result


def _declarations(name: str, content: Sequence[Token], keep: Keep) -> list[tuple[str, str]]:
    """Return (property, value) of each declaration, written once however many selectors its rule has.

    A value that would ask another server is refused in any property. Raises BadCss.
    """
    try:
        return [
            (
                declaration.lower_name,
                written(declaration.value, keep=keep if declaration.lower_name in _PICTURED else None),
            )
            for declaration in declarations(content)
        ]
    except BadValue as fault:
        raise BadCss(f"The CSS of .{name}{_ENDING} is not allowed: {fault}.") from None


def _block(name: str, pseudo: str, block_declarations: Sequence[tuple[str, str]], left_out: list[str]) -> str:
    """Return what is shown of a rule for one of its selectors, empty where all of it is left out."""
    lines = []
    for property_, value in block_declarations:
        words = value.lower()
        hidden = property_ == "display" and words not in (_SHOWN | ({"none"} if name in _MAY_GO else frozenset()))
        if property_ in PROPERTIES and value and not hidden:
            lines.append(f"{property_}: {value}")
        else:
            # With escapes a name can hold any character, even a line break, and would forge a log line (attacks.md 97).
            shown = property_ if _NAME.fullmatch(property_) else "a property of another name"
            left_out.append(f".{name}{_ENDING} {shown}")
    selector = f".{name}{_ENDING}" * _WEIGHT + (f":{pseudo}" if pseudo else "")
    return f"{selector} {{ {'; '.join(lines)} }}\n" if lines else ""


def _selectors(prelude: Sequence[Token]) -> list[tuple[str, str]]:
    """Return (class without its ending, pseudo-class) of each selector of a rule. Raises BadCss."""
    selectors: list[tuple[str, str]] = []
    parts: list[list[Token]] = [[]]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            parts.append([])
        elif token.type != "comment":
            parts[-1].append(token)
    for part in parts:
        while part and part[0].type == "whitespace":
            part.pop(0)
        while part and part[-1].type == "whitespace":
            part.pop()
        selectors.append(_selector(part))
    return selectors


def _selector(part: Sequence[Token]) -> tuple[str, str]:
    match [(token.type, getattr(token, "value", None)) for token in part]:
        case [("literal", "."), ("ident", str(name))]:
            pseudo = ""
        case [("literal", "."), ("ident", str(name)), ("literal", ":"), ("ident", str(pseudo))]:
            pass
        case _:
            raise _not_listed(part)
    short, ending = name.removesuffix(_ENDING), name.endswith(_ENDING)
    if not ending or short not in CLASSES or (pseudo and pseudo not in CLASSES[short]):
        raise _not_listed(part)
    return short, pseudo


def _not_listed(part: Sequence[Token]) -> BadCss:
    # measured.md 9
    shown = "".join(str(getattr(token, "value", "") or " ") for token in part[:8] if token.type in _SIMPLE)
    return BadCss(f"The CSS class {shown[:100]} is not in the list of allowed classes.")
