"""The commands of `poolkeeper`, a file a kind of them."""

from poolkeeper.cli.program import main

__all__ = ["main"]
