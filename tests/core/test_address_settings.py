"""Which public addresses and hosts of domains can an operator set? Those under which pages can be reached."""

from pathlib import Path

import pytest

from poolkeeper.settings import Settings, SettingsError, load


def loaded(folder: Path, **settings: str) -> Settings:
    """Return settings from the environment."""
    return load({}, {f"POOLKEEPER_{name.upper()}": value for name, value in settings.items()}, working_folder=folder)[0]


@pytest.mark.parametrize(
    "base",
    [
        "https://id.example.com",
        "https://id.example.com/",
        "https://id.example.com:8443",
        "http://poolkeeper_1:7665",
        "http://192.0.2.1:7665",
        "https://[2001:db8::1]:7666",
        "https://xn--bcher-kva.example",
    ],
)
def test_a_public_address_is_scheme_host_and_port(tmp_path: Path, base: str) -> None:
    """A slash at its end is none."""
    assert loaded(tmp_path, base_url=base).issuer_base == base.rstrip("/")


@pytest.mark.parametrize(
    "base",
    [
        "id.example.com",
        "ftp://id.example.com",
        "https://",
        "https://id.example.com/cognito",
        "https://id.example.com?a=b",
        "https://id.example.com/#",
        "https://user@id.example.com",
        "https://id.example.com:port",
        "https://id.example.com:99999",
        "https://[1.2]",
        "https://bücher.example",
        "https://id..example.com",
        "https://id.example.com\n",
    ],
)
def test_what_is_more_or_less_is_refused(tmp_path: Path, base: str) -> None:
    """Pages, cookies and redirects begin at its root, and links are made of it."""
    with pytest.raises(SettingsError, match="base_url: http:// or https://, a host and a port"):
        loaded(tmp_path, base_url=base)


@pytest.mark.parametrize("base", ["auth.example.com", "Auth.Example.com", "localhost"])
def test_the_host_of_domains_is_a_name(tmp_path: Path, base: str) -> None:
    """In whatever case."""
    assert loaded(tmp_path, domain_base=base).domain_host == base.lower()


@pytest.mark.parametrize(
    "base", ["192.0.2.1", "auth.example.com:443", "https://auth.example.com", ".example.com", "a/b"]
)
def test_no_name_is_below_anything_else(tmp_path: Path, base: str) -> None:
    """An address in numbers has no names below it."""
    with pytest.raises(SettingsError, match="domain_base: a host name alone"):
        loaded(tmp_path, domain_base=base)


def test_prefix_domains_need_a_host_that_has_names_below_it(tmp_path: Path) -> None:
    """With an address in numbers pages are on it, or at a host that is named."""
    base = "http://192.0.2.1:7665"
    assert loaded(tmp_path, base_url=base).serves_by_client
    assert loaded(tmp_path, base_url=base, domain_by_client="off", domain_base="auth.example.com")
    with pytest.raises(SettingsError, match="domain_base: no name is below an address in numbers"):
        loaded(tmp_path, base_url=base, domain_by_client="off")


@pytest.mark.parametrize(
    ("settings", "paths", "by_client"),
    [
        ({}, False, True),
        ({"base_url": "https://id.example.com"}, False, False),
        ({"base_url": "https://id.example.com", "domain_by_client": "on", "domain_paths": "on"}, True, True),
        ({"domain_by_client": "off"}, False, False),
        ({"dev": "on", "domain_paths": "off", "domain_by_client": "off"}, False, False),
        ({"dev": "on", "base_url": "https://id.example.com"}, True, True),
    ],
)
def test_forms_are_on_where_they_help(
    tmp_path: Path, settings: dict[str, str], *, paths: bool, by_client: bool
) -> None:
    """The path form in development, the bare host there and where no name below it resolves; else as it is said."""
    found = loaded(tmp_path, **settings)
    assert (found.serves_paths, found.serves_by_client) == (paths, by_client)
