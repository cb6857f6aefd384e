"""What may a password be, and what may it cost? Every byte counts, 256 characters at most, so many hashes at once."""

import threading
import unicodedata
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import pytest

from api.signing_in import INCORRECT, Raw, at_once, drop_password, error_of, guess, put, raw, srp_guess, srp_sign_in
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import DAY

LONGEST = "Aa1!" + "x" * 252
TOO_LONG = LONGEST + "x"


@pytest.mark.parametrize("length", [200, 256])
def test_two_long_passwords_that_differ_at_the_end_are_two(world: World, length: int) -> None:
    """Nothing is cut off, by the plain flows or by SRP."""
    client = world.pool().client()
    password = LONGEST[: length - 1] + "y"
    client.pool.user("ada", password=password)

    for other in (LONGEST[:length], password[:-1], password[:72]):
        assert refused(partial(client.sign_in, "ada", other)) == INCORRECT
    assert refused(lambda: srp_sign_in(client, "ada", LONGEST[:length])) == INCORRECT
    assert client.tokens("ada", password)
    assert srp_sign_in(client, "ada", password)["AuthenticationResult"]


@pytest.mark.parametrize(
    ("password", "other"),
    [
        ("Grüße-von-1", unicodedata.normalize("NFD", "Grüße-von-1")),
        ("\uff21a1!-wide", "Aa1!-wide"),
        ("Aa1!-in  ner", "Aa1!-in ner"),
        ("Aa1!-inner", "Aa1!-inner "),
        ("Aa1!-inner", " Aa1!-inner"),
        ("Aa1!-inner", "aa1!-inner"),
        ("Aa1!-zero\u200bwidth", "Aa1!-zerowidth"),
    ],
    ids=["composed", "full-width", "blanks-within", "blank-after", "blank-before", "case", "zero-width"],
)
def test_a_password_is_its_bytes(world: World, password: str, other: str) -> None:
    """Never normalised, trimmed or folded: SRP clients hash the raw UTF-8, and both ways must agree."""
    client = world.pool().client()
    client.pool.user("ada", password=password)

    assert refused(lambda: client.sign_in("ada", other)) == INCORRECT
    assert refused(lambda: srp_sign_in(client, "ada", other)) == INCORRECT
    assert client.tokens("ada", password)
    assert srp_sign_in(client, "ada", password)["AuthenticationResult"]


def test_a_password_longer_than_any_is_refused_at_every_door_without_a_hash(world: World) -> None:
    """257 characters cost nothing anywhere, 256 are a password; the sign-in does not tell that it did not look."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    pool = client.pool
    pool.user("ada", password=LONGEST, email="ada@x.example", email_verified="true")
    pool.user("new", permanent=False)
    token = client.tokens("ada", LONGEST)["AccessToken"]
    session = client.sign_in("new")["Session"]
    unsigned, by_id = world.unsigned, {"ClientId": client.client_id}
    unsigned.forgot_password(**by_id, Username="ada")

    def change(previous: str, proposed: str) -> Any:
        return unsigned.change_password(AccessToken=token, PreviousPassword=previous, ProposedPassword=proposed)

    def confirm(password: str) -> Any:
        code = world.code("ada@x.example")
        return unsigned.confirm_forgot_password(**by_id, Username="ada", ConfirmationCode=code, Password=password)

    doors: dict[str, Callable[[], Any]] = {
        "SignUp": partial(client.sign_up, "eve", password=TOO_LONG),
        "ChangePassword, new": partial(change, LONGEST, TOO_LONG),
        "ChangePassword, old": partial(change, TOO_LONG, LONGEST),
        "ConfirmForgotPassword": partial(confirm, TOO_LONG),
        "AdminSetUserPassword": partial(pool.admin, "admin_set_user_password", "ada", Password=TOO_LONG),
        "AdminCreateUser": partial(pool.admin, "admin_create_user", "eve", TemporaryPassword=TOO_LONG),
        "NEW_PASSWORD_REQUIRED": partial(
            client.respond, "NEW_PASSWORD_REQUIRED", session, USERNAME="new", NEW_PASSWORD=TOO_LONG
        ),
    }
    hashes = world.hashes()
    for door, knock in doors.items():
        assert refused(knock)[0] == "InvalidParameterException", door
    assert refused(lambda: client.sign_in("ada", TOO_LONG)) == INCORRECT
    assert world.hashes() == hashes
    assert client.tokens("ada", LONGEST)


def test_a_password_with_blanks_at_its_ends_is_refused_at_every_door(world: World) -> None:
    """The model's pattern for a password holds where a password travels in a map of responses, too."""
    client = world.pool().client()
    client.pool.user("new", permanent=False)
    session = client.sign_in("new")["Session"]
    for password in (" Swim-in-2-pools", "Swim-in-2-pools "):
        assert refused(partial(client.sign_up, "eve", password=password))[0] == "InvalidParameterException"
        answer = partial(client.respond, "NEW_PASSWORD_REQUIRED", session, USERNAME="new", NEW_PASSWORD=password)
        assert refused(answer)[0] in {"InvalidParameterException", "InvalidPasswordException"}


@pytest.mark.parametrize("password", ["", " ", "x", PASSWORD, "\u0000"])
def test_a_user_without_a_password_takes_none(world: World, password: str) -> None:
    """No hash is no open door: plain, as an administrator and by SRP, also with the decoy's own text."""
    client = world.pool().client()
    drop_password(client.pool, client.pool.user("ada"))

    for attempt in (password, world.house.hasher.decoy[:250]):
        answer = guess(client, "ada", attempt)
        assert answer[0] == 400
        assert error_of(answer) == INCORRECT or "\u0000" in attempt
    assert refused(lambda: srp_guess(client, "ada")) == INCORRECT
    assert refused(lambda: srp_sign_in(client, "ada", password)) == INCORRECT


def test_a_user_whose_hash_is_empty_takes_none(world: World) -> None:
    """Nor does a broken row: the fault is ours, and nobody is let in."""
    client = world.pool().client()
    put(client.pool, client.pool.user("ada"), password_hash="")
    assert guess(client, "ada", "")[0] == 500


def test_what_does_not_fit_into_the_queue_is_refused_and_never_hashed(world: World) -> None:
    """Forty sign-ins at once, two threads, a queue of eight: ten hashes, thirty TooManyRequests while those still run."""
    client = world.pool().client()
    hasher, go_on = world.house.hasher, threading.Event()

    class Slow:
        decoy = hasher.decoy

        def verify(self, encoded: str, password: str) -> bool:
            if not go_on.wait(20):
                go_on.set()  # nobody was refused: let the test fail rather than hang
            return hasher.verify(encoded, password)

    before = world.hashes()
    with pytest.MonkeyPatch.context() as patched, ThreadPoolExecutor(40) as threads:
        patched.setattr(type(world.house), "hasher", Slow())
        patched.setattr(world.house.heavy, "_queue", 8)
        calls = [threads.submit(guess, client, f"name-{n}", PASSWORD) for n in range(40)]
        refused_at_once = _first(calls, 30)
        assert Counter(error_of(answer)[0] for answer in refused_at_once) == {"TooManyRequestsException": 30}
        go_on.set()
        told = Counter(error_of(call.result()) for call in calls)
    assert told[INCORRECT] == 10
    assert world.hashes() - before == 10


def _first(calls: list[Any], count: int) -> list[Raw]:
    """Return the first `count` answers."""
    waiting, done = set(calls), list[Raw]()
    while len(done) < count:
        finished, waiting = wait(waiting, return_when="FIRST_COMPLETED")
        done += [call.result() for call in finished]
    return done


def test_of_many_sign_ins_no_more_are_hashed_at_once_than_there_are_threads(world: World) -> None:
    """Memory is bounded by threads times the memory of one hash, however many come."""
    client = world.pool().client()
    hasher, lock, running, most = world.house.hasher, threading.Lock(), [0], [0]

    class Counting:
        decoy = hasher.decoy

        def verify(self, encoded: str, password: str) -> bool:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            try:
                return hasher.verify(encoded, password)
            finally:
                with lock:
                    running[0] -= 1

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(type(world.house), "hasher", Counting())
        answers = at_once([partial(guess, client, f"name-{n}", PASSWORD) for n in range(100)])
    assert Counter(map(error_of, answers)) == {INCORRECT: 100}
    assert 1 <= most[0] <= world.house.settings.heavy_threads


@pytest.mark.parametrize(("settings", "days"), [({}, 7), ({"TemporaryPasswordValidityDays": 1}, 1)], ids=["7", "1"])
def test_a_temporary_password_ends_with_its_days(world: World, settings: dict[str, int], days: int) -> None:
    """Valid to the last millisecond of the policy's days, then refused by every flow; another invitation renews it."""
    client = world.pool(Policies={"PasswordPolicy": {"MinimumLength": 8, **settings}}).client()
    client.pool.user("ada", permanent=False)
    expired = (
        "NotAuthorizedException",
        "Temporary password has expired and must be reset by an administrator.",
    )

    world.clock.advance(days * DAY)
    session = client.sign_in("ada")["Session"]
    world.clock.advance(1)
    assert refused(lambda: client.sign_in("ada")) == expired
    assert refused(lambda: srp_sign_in(client, "ada")) == expired
    answer = partial(client.respond, "NEW_PASSWORD_REQUIRED", session, USERNAME="ada", NEW_PASSWORD="Dive-in-3-lakes")
    assert refused(answer) == expired
    assert refused(lambda: client.sign_in("ada", "Not-the-password-1")) == INCORRECT

    renewed = {"MessageAction": "RESEND", "TemporaryPassword": "Another-way-in-4"}
    client.pool.admin("admin_create_user", "ada", **renewed)
    assert refused(lambda: client.sign_in("ada")) == INCORRECT
    assert client.sign_in("ada", "Another-way-in-4")["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_password_of_ones_own_does_not_end(world: World) -> None:
    """The days of the policy are a temporary password's."""
    client = world.pool().client()
    client.pool.user("ada")
    world.clock.advance(400 * DAY)
    assert client.tokens("ada")


def test_a_body_without_a_password_is_refused_before_a_hash(world: World) -> None:
    """A missing parameter is no empty password."""
    client: ClientOfTests = world.pool().client()
    hashes = world.hashes()
    body = {
        "ClientId": client.client_id,
        "AuthFlow": "USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada"},
    }
    assert error_of(raw(world, "InitiateAuth", body)) == (
        "InvalidParameterException",
        "Missing required parameter PASSWORD",
    )
    assert world.hashes() == hashes
