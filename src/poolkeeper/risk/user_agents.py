"""Which browser, system and kind of device does a User-Agent name? `parse` tells, without versions, which change too often."""

from functools import lru_cache

import msgspec

from poolkeeper.model.session_rules import program_and_system

_LONGEST = 1_024
# (system, a text that the User-Agent must also hold, kind); the first row that fits counts.
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
    """What a User-Agent names; `kind` is phone, tablet, computer, or empty for a program that names no system."""

    browser: str
    system: str
    kind: str


@lru_cache(maxsize=1_024)
def parse(user_agent: str) -> UserAgent:
    """Read a User-Agent, or the device name that device_type made of one."""
    text = user_agent[:_LONGEST]
    browser, system = program_and_system(text)
    lowered = text.lower()
    kind = next((kind for name, mark, kind in _KINDS if name == system and mark in lowered), "")
    return UserAgent(browser=browser[:64], system=system, kind=kind)
