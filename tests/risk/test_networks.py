"""Which network is an address of, which list names it, and what does a User-Agent speak of? A table each."""

import time

import pytest

from poolkeeper.risk.networks import Lists, lists_of, network_of
from poolkeeper.risk.user_agents import UserAgent, parse
from risk.people import CHROME, FIREFOX, IPHONE


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.0/24"),
        ("::ffff:198.51.100.7", "198.51.100.0/24"),
        ("2001:db8:7:8::9", "2001:db8:7::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("", ""),
        ("unix:", ""),
        ("198.51.100", ""),
        ("198.51.100.7/24", ""),
    ],
)
def test_a_network_is_a_24_or_a_48(address: str, network: str) -> None:
    """However the address came in; what is none has none."""
    assert network_of(address) == network


def test_a_range_of_ipv4_may_be_spelt_as_one_of_ipv6() -> None:
    """It names the addresses that it means, which are read in their one spelling."""
    lists = Lists(blocked=["::ffff:203.0.113.0/120"])
    assert lists.naming("203.0.113.1") == lists.naming("::ffff:203.0.113.1") == "blocked"
    assert lists.naming("203.0.114.1") == ""


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        ("203.0.113.1", "blocked"),
        ("::ffff:203.0.113.1", "blocked"),
        ("203.0.113.9", "skipped"),
        ("192.0.2.1", "blocked"),
        ("192.0.2.2", ""),
        ("2001:db8::1", "blocked"),
        ("2001:db9::1", "skipped"),
        (None, ""),
        ("nobody", ""),
    ],
)
def test_lists_name_networks_and_single_addresses(address: str | None, listed: str) -> None:
    """Blocked wins; both families; an address with bits beyond its length means its network."""
    lists = Lists(
        blocked=["203.0.113.5/29", "192.0.2.1/32", "192.0.2.1/32", "2001:db8::/32"],
        skipped=["203.0.113.0/24", "2001:d00::/24"],
    )
    assert lists.naming(address) == listed
    assert lists_of(("203.0.113.5/29",), ("203.0.113.9/32",)) is lists_of(("203.0.113.5/29",), ("203.0.113.9/32",))


def test_everything_can_be_listed() -> None:
    """A /0 names one family."""
    lists = Lists(blocked=["0.0.0.0/0"])
    assert lists.naming("8.8.8.8") == "blocked"
    assert lists.naming("2001:db8::1") == ""
    assert Lists().naming("8.8.8.8") == ""


def test_what_is_no_network_is_refused() -> None:
    """Where it is read, and not at the first sign-in."""
    with pytest.raises(ValueError, match="does not appear to be"):
        Lists(blocked=["somewhere"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (CHROME, UserAgent("Chrome", "Windows", "computer")),
        (CHROME.replace("142", "143"), UserAgent("Chrome", "Windows", "computer")),
        (FIREFOX, UserAgent("Firefox", "Linux", "computer")),
        (IPHONE, UserAgent("Safari", "iOS", "phone")),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Mobile Safari", UserAgent("Chrome", "Android", "phone")),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 Safari", UserAgent("Chrome", "Android", "tablet")),
        ("Boto3/1.44.8 md/Botocore ua/2.1 os/linux", UserAgent("Boto3", "Linux", "computer")),
        ("curl/8.9.1", UserAgent("curl", "", "")),
        ("Chrome on Windows", UserAgent("Chrome", "Windows", "computer")),
        ("", UserAgent("", "", "")),
    ],
)
def test_a_user_agent_is_read_without_its_versions(text: str, expected: UserAgent) -> None:
    """A browser that was updated is the same one; a program names itself."""
    assert parse(text) == expected


def test_a_huge_user_agent_costs_no_more_than_a_long_one() -> None:
    """Only its beginning is looked at."""
    huge = "Mozilla/5.0 " + "x" * 10_000_000 + " Firefox/1 Windows"
    begun = time.process_time()
    assert parse(huge) == UserAgent("", "", "")
    assert time.process_time() - begun < 1
