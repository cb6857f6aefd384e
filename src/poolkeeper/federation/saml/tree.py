"""How is one thing read out of a tree? Children by their name and number, texts whole, attributes of one spelling."""

from collections.abc import Iterator

from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.xml_reader import Element


def name(element: Element) -> str:
    """Return an element's name as people say it, for a refusal."""
    return str(element.tag).rpartition("}")[2]


def children(parent: Element, tag: str) -> list[Element]:
    """Return the children of one name, in order."""
    return [child for child in parent if child.tag == tag]


def elements(root: Element) -> Iterator[Element]:
    """Yield every element, `root` first; comments and processing instructions are none."""
    return (element for element in root.iter() if isinstance(element.tag, str))


def child(parent: Element, tag: str) -> Element | None:
    """Return the child of one name, None where there is none.

    Raises BadMessage where there are several.
    """
    held = children(parent, tag)
    if len(held) > 1:
        raise BadMessage(Fault.STRUCTURE, f"{name(parent)} has more than one {name(held[0])}")
    return held[0] if held else None


def require_child(parent: Element, tag: str) -> Element:
    """Return the one child of a name.

    Raises BadMessage where there is none, or several.
    """
    held = child(parent, tag)
    if held is None:
        raise BadMessage(Fault.STRUCTURE, f"{name(parent)} has no {tag.rpartition('}')[2]}")
    return held


def text_of(element: Element) -> str:
    """Return the whole text of an element that holds nothing else.

    A comment in the middle would have one reader see the first half (attacks.md 120). Raises BadMessage for anything
    but text in it.
    """
    if len(element):
        raise BadMessage(Fault.STRUCTURE, f"{name(element)} holds more than text")
    return element.text or ""


def word_of(element: Element) -> str:
    """Return the text of an element without blanks around it: a name or an address, which has none.

    Raises BadMessage, also where there is no text.
    """
    word = text_of(element).strip()
    if not word:
        raise BadMessage(Fault.STRUCTURE, f"{name(element)} is empty")
    return word


def attribute(element: Element, attribute_name: str) -> str | None:
    """Return an attribute's value, None where there is none."""
    value = element.get(attribute_name)
    return None if value is None else str(value)


def require_attribute(element: Element, attribute_name: str) -> str:
    """Return an attribute's value.

    Raises BadMessage where it is missing or empty.
    """
    value = attribute(element, attribute_name)
    if not value:
        raise BadMessage(Fault.STRUCTURE, f"{name(element)} has no {attribute_name}")
    return value
