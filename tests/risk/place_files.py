"""Writes files in MaxMind's format (MaxMind DB File Format Specification 2.0), as small as a test wants them."""

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

_MARKER = b"\xab\xcd\xefMaxMind.com"
_SEPARATOR = bytes(16)
_STRING, _DOUBLE, _UINT16, _UINT32, _MAP, _UINT64, _ARRAY = 2, 3, 5, 6, 7, 9, 11


def city(country: str, name: str = "", where: tuple[float, float] | None = None) -> dict[str, Any]:
    """Return a record as a City file has it."""
    record: dict[str, Any] = {"country": {"iso_code": country}}
    if name:
        record["city"] = {"names": {"en": name}}
    if where:
        record["location"] = {"latitude": where[0], "longitude": where[1]}
    return record


def provider(number: int) -> dict[str, Any]:
    """Return a record as an ASN file has it."""
    return {"autonomous_system_number": number, "autonomous_system_organization": f"AS {number}"}


def write(path: Path, records: Mapping[str, Any], kind: str = "Test-City") -> None:
    """Write a file whose networks (CIDRs, none within another) have records."""
    data, where = b"", {}
    for network, record in records.items():
        where[network] = len(data)
        data += _value(record)
    nodes: list[list[Any]] = [[None, None]]
    for network in records:
        _insert(nodes, network)
    count = len(nodes)
    tree = b"".join(_node(node, count=count, where=where) for node in nodes)
    metadata = {
        "binary_format_major_version": (_UINT16, 2),
        "binary_format_minor_version": (_UINT16, 0),
        "build_epoch": (_UINT64, 1_700_000_000),
        "database_type": kind,
        "description": {"en": "of a test"},
        "ip_version": (_UINT16, 6),
        "languages": ["en"],
        "node_count": (_UINT32, count),
        "record_size": (_UINT16, 32),
    }
    path.write_bytes(tree + _SEPARATOR + data + _MARKER + _value(metadata))


def _insert(nodes: list[list[Any]], text: str) -> None:
    network = ip_network(text)
    v4 = network.version == 4
    bits, length = int(network.network_address), network.prefixlen + (96 if v4 else 0)
    at = 0
    for depth in range(length):
        bit = bits >> (127 - depth) & 1
        if depth == length - 1:
            nodes[at][bit] = text
        elif nodes[at][bit] is None:
            nodes.append([None, None])
            nodes[at][bit] = at = len(nodes) - 1
        else:
            at = nodes[at][bit]


def _node(node: list[Any], *, count: int, where: Mapping[str, int]) -> bytes:
    """Encode a node: two records of 32 bits, each a node, nothing, or a place among the data."""
    records = (count if one is None else one if isinstance(one, int) else count + 16 + where[one] for one in node)
    return struct.pack(">II", *records)


def _value(value: Any) -> bytes:
    if isinstance(value, dict):
        return _head(_MAP, len(value)) + b"".join(_value(part) for pair in value.items() for part in pair)
    if isinstance(value, list):
        return _head(_ARRAY, len(value)) + b"".join(_value(part) for part in value)
    if isinstance(value, str):
        return _head(_STRING, len(value.encode())) + value.encode()
    if isinstance(value, float):
        return _head(_DOUBLE, 8) + struct.pack(">d", value)
    kind, whole = value if isinstance(value, tuple) else (_UINT32, value)  # readers look at the kinds of metadata
    number: bytes = whole.to_bytes((whole.bit_length() + 7) // 8)
    return _head(kind, len(number)) + number


def _head(kind: int, size: int) -> bytes:
    """Encode kind and size; what is longer than a test needs is refused."""
    assert size < 285
    rest = bytes([size - 29]) if size >= 29 else b""
    small = min(size, 29)
    return (bytes([kind << 5 | small]) if kind < 8 else bytes([small, kind - 7])) + rest
