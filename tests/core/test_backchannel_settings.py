"""Which addresses may logout tokens go to? Tables of poolkeeper.toml, and every fault in them is told."""

from pathlib import Path
from typing import Any

import pytest

from poolkeeper.backchannel_settings import BackchannelSetting, read_backchannels

HERE = Path()
URL = "https://app.example/logged-out"


def test_an_entry_is_an_app_client_and_its_address() -> None:
    """`private` where an address in a private network is meant; on this machine it is by itself, and may be http."""
    tables = {"web": {"url": URL}, "inside": {"url": URL, "private": True}, "dev": {"url": "http://localhost:9000/out"}}
    read, faults = read_backchannels(tables, folder=HERE)
    assert faults == []
    assert read == (
        BackchannelSetting(client_id="web", url=URL, private=False),
        BackchannelSetting(client_id="inside", url=URL, private=True),
        BackchannelSetting(client_id="dev", url="http://localhost:9000/out", private=True),
    )
    assert [one.plain_http for one in read] == [False, False, True]


@pytest.mark.parametrize(
    ("tables", "said"),
    [
        ("x", "holds tables"),
        ({"a b": {"url": URL}}, "id of an app client"),
        ({"web": URL}, "is a table"),
        ({"web": {}}, "url: the https:// address"),
        ({"web": {"url": "http://app.example/x"}}, "url: the https:// address"),
        ({"web": {"url": f"{URL}#a"}}, "url: the https:// address"),
        ({"web": {"url": "https://[x"}}, "url: the https:// address"),
        ({"web": {"url": URL, "private": "yes"}}, "private: true or false"),
        ({"web": {"url": URL, "uri": URL}}, "there is no key uri"),
    ],
)
def test_a_fault_is_told(tables: Any, said: str) -> None:
    """And nothing of such a table is taken."""
    read, faults = read_backchannels(tables, folder=HERE)
    assert read == ()
    assert any(said in fault for fault in faults)
