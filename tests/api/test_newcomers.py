"""Can one network fill what is kept for names that nobody has, and see by what is forgotten who exists? attacks.md 9."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec
import pytest

from api.choosing import ALLOWED
from api.doors import call_of
from api.ghost_tables import TABLES
from api.networks import ask_from
from api.pools_code import TRIGGERS, Code, running_code
from api.signing_in import srp_guess
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import HOUR, SECOND
from poolkeeper.defences import newcomers

OTHERS = "127.0.0.66"
MOST = 4
SETTINGS = {
    "Schema": [{"Name": "email", "Required": True}],  # or nobody has one by chance alone
    "AutoVerifiedAttributes": ["email"],
    "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}},
    "LambdaConfig": {name: arn for name, arn in TRIGGERS.items() if name != "PreAuthentication"},
}
USED_UP = ("LimitExceededException", "Attempt limit exceeded, please try after some time.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")


@contextmanager
def names_of_a_network(world: World, most: int) -> Iterator[None]:
    """Let a network be the first to try something with so many names, and begin a new hour for all."""
    world.clock.advance(HOUR)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(world.house), "settings", replace(world.house.settings, names_per_network_per_hour=most))
        yield


def password(client: ClientOfTests, name: str) -> Any:
    return client.sign_in(name, "Wrong-password-0")


def srp(client: ClientOfTests, name: str) -> Any:
    return srp_guess(client, name)


def forgotten(client: ClientOfTests, name: str) -> Any:
    return client.world.unsigned.forgot_password(ClientId=client.client_id, Username=name)


def resend(client: ClientOfTests, name: str) -> Any:
    return client.world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username=name)


def confirm(client: ClientOfTests, name: str) -> Any:
    place = {"ClientId": client.client_id, "Username": name, "ConfirmationCode": "000000"}
    return client.world.unsigned.confirm_sign_up(**place)


def by_code(client: ClientOfTests, name: str) -> Any:
    return client.initiate("USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="EMAIL_OTP")


def custom(client: ClientOfTests, name: str) -> Any:
    return client.initiate("CUSTOM_AUTH", USERNAME=name)


WAYS = {
    password: LOCKED,
    srp: LOCKED,
    forgotten: USED_UP,
    resend: USED_UP,
    confirm: USED_UP,
    by_code: ("TooManyRequestsException", USED_UP[1]),
    custom: ("TooManyRequestsException", "Too many requests"),
}


def rows(client: ClientOfTests) -> list[int]:
    """Return how many rows of what was tried there are in a pool, by table."""
    counts = {
        "codes": "SELECT COUNT(*) FROM codes WHERE pool_id = $1",
        "hourly": "SELECT COUNT(*) FROM hourly WHERE pool_id = $1",
        "lockouts": "SELECT COUNT(*) FROM lockouts WHERE pool_id = $1",
        "conversations": "SELECT COUNT(*) FROM conversations WHERE pool_id = $1",
    }
    return [client.world.rows(counts[table], client.pool.pool_id)[0][0] for table in TABLES]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_network_that_tried_many_names_begins_no_other(world: World, way: Callable[..., Any]) -> None:
    """Nothing is written of another name, and somebody is answered like nobody; other networks notice nothing."""
    client = world.pool(**SETTINGS).client(ExplicitAuthFlows=[*ALLOWED, "ALLOW_CUSTOM_AUTH"])
    client.pool.user("ada", email="ada@x.example", email_verified="true")
    with pytest.MonkeyPatch.context() as patched, running_code(world, patched, Code()), names_of_a_network(world, MOST):
        for number in range(MOST):
            assert refused(partial(password, client, f"nobody-{number}")) != LOCKED
        before = rows(client)
        world.clock.advance(SECOND)
        assert refused(partial(way, client, "ada")) == refused(partial(way, client, "nobody")) == WAYS[way]
        assert rows(client) == before

        body = {"ClientId": client.client_id, "Username": "nobody"}
        assert ask_from(OTHERS, world, "ForgotPassword", body)[0] == 200
        world.clock.advance(HOUR)
        assert forgotten(client, "nobody")["CodeDeliveryDetails"]


def test_what_it_has_begun_it_may_go_on_with(world: World) -> None:
    """A name of which something is counted comes to its own end; the right password is always taken."""
    client = world.pool(**SETTINGS).client(ExplicitAuthFlows=ALLOWED)
    client.pool.user("ada", email="ada@x.example", email_verified="true")
    with names_of_a_network(world, MOST):
        for number in range(MOST + 1):
            refused(partial(password, client, f"nobody-{number}"))
        assert [refused(partial(password, client, "nobody-0")) == LOCKED for _ in range(5)] == [False] * 4 + [True]
        assert client.tokens("ada", PASSWORD)


def test_one_request_counts_one_name(world: World) -> None:
    """However many rows it begins: else a name that begins more of them would tell itself by the end of the bound."""
    client = world.pool(**SETTINGS).client(ExplicitAuthFlows=ALLOWED)
    with names_of_a_network(world, MOST):
        for number in range(MOST):
            assert forgotten(client, f"nobody-{number}")["CodeDeliveryDetails"]
        assert refused(partial(forgotten, client, "nobody")) == USED_UP


@pytest.mark.parametrize(
    ("most", "address", "known", "has_room"),
    [
        (1, "192.0.2.1", "", [True, True, False, False]),
        (2, "192.0.2.1", "", [True, True, True, False]),
        (0, "192.0.2.1", "", [True] * 4),
        (1, "", "", [True] * 4),
        (1, "192.0.2.1", "ada", [True] * 4),
    ],
    ids=["one name", "two names", "no bound", "a server that names nobody", "a user who is known"],
)
def test_who_is_counted(world: World, most: int, address: str, known: str, has_room: list[bool]) -> None:
    """Strangers, by their network, and each name once in a request."""
    with names_of_a_network(world, most):
        call = msgspec.structs.replace(call_of(world), client_address=address)
        call.trace.known_user = known
        assert [newcomers.has_room(call, name) for name in ("eve", "eve", "bob", "joe")] == has_room
