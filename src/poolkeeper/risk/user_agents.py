"""Which browser, system and kind of device does a User-Agent speak of? No versions: they change and the person does not."""

from functools import lru_cache

import msgspec

from poolkeeper.model.session_rules import program_and_system

_LONGEST = 1_024
# (what the system is, what a User-Agent must hold besides, what that is), the first that fits.
_KINDS = (
    ("iOS", "", "phone"),
    ("iPadOS", "", "tablet"),
    ("Android", "mobile", "phone"),
    ("Android", "", "tablet"),
    ("Windows", "", "computer"),
    ("macOS", "", "computer"),
    ("ChromeOS", "", "computer"),
    ("Linux", "", "computer"),
)


class UserAgent(msgspec.Struct, frozen=True, gc=False):
    """What a User-Agent speaks of; `kind` is phone, tablet, computer, or nothing for a program that names no system."""

    browser: str
    system: str
    kind: str


@lru_cache(maxsize=1_024)
def parse(user_agent: str) -> UserAgent:
    """Read a User-Agent, or what device_type made of one."""
    text = user_agent[:_LONGEST]
    browser, system = program_and_system(text)
    lowered = text.lower()
    kind = next((kind for name, mark, kind in _KINDS if name == system and mark in lowered), "")
    return UserAgent(browser=browser[:64], system=system, kind=kind)
