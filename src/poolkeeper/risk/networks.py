"""Which network is an address of? The /24 of IPv4, the /48 of IPv6."""

from ipaddress import ip_address, ip_network


def network_of(address: str) -> str:
    """Return the network of an address, the text itself where it is no address."""
    try:
        version = ip_address(address).version
    except ValueError:
        return address
    return str(ip_network((address, 24 if version == 4 else 48), strict=False))
