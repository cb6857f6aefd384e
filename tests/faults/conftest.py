"""What do the tests of faults run on? A PostgreSQL of their own, and the server of the API's tests on both engines."""

from api.conftest import postgres, server, wire, world

__all__ = ["postgres", "server", "wire", "world"]
