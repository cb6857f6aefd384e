"""How is a value read from a tree? Children by name and number, texts as a whole, attributes by their exact names."""

from poolkeeper.federation.saml.faults import BadMessage, Fault
from poolkeeper.xml_reader import Element


def name(element: Element) -> str:
    """Return an element's name without its namespace, for a refusal."""
    return str(element.tag).rpartition("}")[2]


def children(parent: Element, tag: str) -> list[Element]:
    """Return the children with a name, in order."""
    return [child for child in parent if child.tag == tag]


def child(parent: Element, tag: str) -> Element | None:
    """Return the only child with a name, None where there is none.

    Raises BadMessage where there are several.
    """
    matches = children(parent, tag)
    if len(matches) > 1:
        raise BadMessage(Fault.STRUCTURE, f"{name(parent)} has more than one {name(matches[0])}")
    return matches[0] if matches else None


def require_child(parent: Element, tag: str) -> Element:
    """Return the only child with a name.

    Raises BadMessage where there is none, or several.
    """
    only_child = child(parent, tag)
    if only_child is None:
        raise BadMessage(Fault.STRUCTURE, f"{name(parent)} has no {tag.rpartition('}')[2]}")
    return only_child


def text_of(element: Element) -> str:
    """Return the whole text of an element that holds nothing else.

    With a comment in the middle some readers would see only the first half (attacks.md 120). Raises BadMessage where it
    holds anything but text.
    """
    if len(element):
        raise BadMessage(Fault.STRUCTURE, f"{name(element)} holds more than text")
    return element.text or ""


def word_of(element: Element) -> str:
    """Return the text of an element, a name or an address, without the blanks around it.

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
