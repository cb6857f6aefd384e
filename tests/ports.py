"""On which port may a server be started? One that the system gives to no connection and to no other test meanwhile."""

import random
import socket

# Below what Linux gives to outgoing connections (net.ipv4.ip_local_port_range begins at 32768).
_PORTS = range(12_000, 32_000)
_random = random.SystemRandom()


def free_port() -> int:
    """Return a port of 127.0.0.1 on which nobody listens."""
    while True:
        port = _random.choice(_PORTS)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue


def free_ports(count: int) -> list[int]:
    """Return so many of them."""
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)
