"""On what do these tests run? The servers of the API's tests."""

from api.conftest import postgres, server, wire, world

__all__ = ["postgres", "server", "wire", "world"]
