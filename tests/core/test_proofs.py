"""Who may say that something was proved? The functions of accounts/ that judge a secret, and nobody else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import poolkeeper

SOURCE = Path(poolkeeper.__file__).parent
# Makes the evidence that a sealed state or a session carries, and adds a proof to it.
CARRIERS = {"auth/sign_in.py"}


def makers(name: str) -> Iterator[str]:
    """Return the files that make a `name`."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name:
                yield str(file.relative_to(SOURCE))


def test_only_what_judges_a_secret_makes_a_proof() -> None:
    """Proofs come from accounts/ alone: no step, no page and no operation can say that somebody proved something."""
    found = set(makers("Proof"))
    assert found
    assert {file.partition("/")[0] for file in found} == {"accounts"}


def test_only_a_sign_in_becomes_proven() -> None:
    """What the gate asks for is made in one place."""
    assert set(makers("Proven")) == CARRIERS
