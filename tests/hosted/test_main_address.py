"""At which one address are a pool's pages for whoever has no request of their own? Discovery, mails and others name it."""

from typing import Any

import pytest

from poolkeeper.model.address import main_address
from poolkeeper.settings import Settings

PREFIX = {"Domain": "juniper"}
BOTH = {**PREFIX, "CustomDomain": "login.customer.example"}
PUBLIC = {"base_url": "https://id.example.com"}


class Documented:
    """A pool as far as its address goes."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document


@pytest.mark.parametrize(
    ("settings", "domains", "expected"),
    [
        (PUBLIC, {}, None),
        (PUBLIC, PREFIX, "https://juniper.auth.id.example.com"),
        (PUBLIC, BOTH, "https://login.customer.example"),
        ({**PUBLIC, "domain_base": "Login.example.com"}, PREFIX, "https://juniper.login.example.com"),
        ({**PUBLIC, "domain_by_client": "on"}, {}, None),
        ({**PUBLIC, "dev": True}, {}, None),
        ({"base_url": "https://id.example.com:8443/"}, BOTH, "https://login.customer.example:8443"),
        ({}, {}, "http://localhost:7665"),
        ({}, PREFIX, "http://localhost:7665"),
        ({}, BOTH, "http://login.customer.example:7665"),
        ({"dev": True, "port": 80}, PREFIX, "http://localhost"),
        ({"base_url": "https://localhost:7666"}, PREFIX, "https://localhost:7666"),
        ({"base_url": "https://[::1]:7666"}, {}, "https://[::1]:7666"),
        ({"base_url": "http://192.0.2.1:7665"}, PREFIX, "http://192.0.2.1:7665"),
        ({"domain_by_client": "off"}, {}, None),
        ({"domain_by_client": "off"}, PREFIX, "http://juniper.auth.localhost:7665"),
    ],
)
def test_the_main_address_is_one_of_the_forms(
    settings: dict[str, Any], domains: dict[str, str], expected: str | None
) -> None:
    """The custom domain, else the prefix host, in whose place the bare host stands where no name is below it."""
    pool: Any = Documented(domains)
    assert main_address(Settings(**settings), pool) == expected
