"""Whether any request, however wrong, meets an accident: a piece of what `make fuzz` does at length (fuzz.py)."""

from pathlib import Path
from random import Random

import pytest

import postgres_server
from api.fuzz import ALL, SELDOM, Account, Chapter, fuzzed_world
from api.fuzz_values import Maker
from api.modelled import model_of

CALLS = 1_200


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_request_meets_an_accident(engine: str, postgres: postgres_server.PostgresServer, tmp_path: Path) -> None:
    """Every operation of every service, right, wrong and hostile: never a 5xx, a silence, a strange error, another pool's row."""
    account = Account()
    with fuzzed_world(tmp_path, database=postgres.create_database() if engine == "postgresql" else "") as world:
        Chapter(world, 7, account).play(CALLS)

    assert not account.findings, account.said
    often = [one for one in ALL if one.run is not None and not SELDOM.match(one.name)]
    assert {f"{one.model.name}:{one.name}" for one in often} <= account.called.keys()
    # Most requests are refused, as they must be; one in seven is right, or the fuzz would stay at the doors.
    assert account.errors["200"] > CALLS / 7


def test_one_seed_makes_one_sequence() -> None:
    """A chapter can be played again: what is drawn hangs on the seed alone, but for what a server makes anew."""

    def drawn(seed: int) -> list[str]:
        maker = Maker(Random(seed), lambda _name, _place: ())
        shapes = [model_of("cognito-idp").operation_model(name).input_shape for name in ("SignUp", "CreateUserPool")]
        return [repr(maker.spoil(maker.structure(shape, ""), shape)) for shape in shapes * 20 if shape is not None]

    assert drawn(1) == drawn(1)
    assert drawn(1) != drawn(2)
