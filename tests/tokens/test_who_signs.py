"""Which modules make tokens? The one behind the gate, and those that the gate names because they are not."""

import re
from pathlib import Path

from poolkeeper.auth import gate

SOURCE = Path(__file__).resolve().parents[2] / "src/poolkeeper"


def test_the_gate_names_whoever_makes_tokens_beside_it() -> None:
    """What signs without the gate is known to whoever reads what the gate promises."""
    signing = {
        file.relative_to(SOURCE).as_posix()
        for file in SOURCE.rglob("*.py")
        if re.search(r"\b(?:certified_)?jws\.sign\(", file.read_text()) and not file.is_relative_to(SOURCE / "crypto")
    }
    assert signing == {"tokens/issue.py", *re.findall(r"\((\w+/\w+\.py)\)", str(gate.__doc__))}
