"""Are DPoP proofs read as RFC 9449 has them? Its own example; what is wrong with others is tested where they are brought (oauth/)."""

import json
from pathlib import Path
from typing import Any

import pytest

from poolkeeper.crypto import dpop
from poolkeeper.crypto.dpop import BadDpop

VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "vectors" / "dpop.json").read_text())


def test_the_example_of_the_standard_is_read() -> None:
    """RFC 9449 figures 2, 3 and 9: claims, signature and thumbprint."""
    claimed = dpop.read(VECTORS["proof"])
    claimed.verify()
    assert claimed.jkt == VECTORS["jkt"]
    told = {name: getattr(claimed.claims, name) for name in VECTORS["claims"]}
    assert told == VECTORS["claims"]
    assert (claimed.claims.ath, claimed.claims.nonce) == ("", None)


@pytest.mark.parametrize("segment", range(3))
def test_no_sign_of_it_can_be_changed(segment: int) -> None:
    """Whatever is changed is refused when it is read, or when it is verified."""
    parts = VECTORS["proof"].split(".")
    for place, sign in enumerate(parts[segment]):
        other = "A" if sign != "A" else "B"
        changed = list(parts)
        changed[segment] = parts[segment][:place] + other + parts[segment][place + 1 :]
        with pytest.raises(BadDpop):
            dpop.read(".".join(changed)).verify()
