"""Whether an address becomes the second factor of whoever proved it, and of nobody else, in whatever order things are tried.

A pool that demands MFA by mail or by text message, two people without an address: MFA_SETUP, the address, the code, tokens (attacks.md 3-6,
20, 44, 46); `make walk` walks further.
"""

import json
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from api.people import held
from api.second_factors import EMAIL_OTP, SMS_MFA, pool_with, wrong
from api.signing_in import count_of_sessions
from api.stage import Wire
from api.walk import walk
from api.world import PASSWORD, World
from poolkeeper.clock import MINUTE, SECOND

STEP_LIFE = 3 * MINUTE
NAMES = ("ada", "eve")
WHO = st.integers(0, 1)
# What a right answer may be refused with all the same: too many messages or guesses.
HELD_UP = ("TooManyRequestsException", "LimitExceededException", "attempts exceeded")
ATTRIBUTES = {EMAIL_OTP: "email", SMS_MFA: "phone_number"}
_numbers = count(1)


@dataclass
class Trail:
    """A sign-in at MFA_SETUP, or at EMAIL_OTP or SMS_MFA with a code that went to `address`."""

    name: str
    client: str
    session: str
    ends_at: int
    address: str = ""
    code: str = ""
    spent: bool = False


class SetUpWalk(RuleBasedStateMachine):
    """`proved` are the addresses by name, once they are; `newest` is the trail whose code was sent last to a name."""

    def __init__(self, world: World, reached: Counter[str]) -> None:
        super().__init__()
        self.world, self.wire, self.reached = world, Wire(world), reached
        self.proved: dict[str, str] = {}
        self.newest: dict[str, Trail] = {}
        self.trails: list[Trail] = []

    @initialize(challenge=st.sampled_from([EMAIL_OTP, SMS_MFA]))
    def make_the_pool(self, challenge: str) -> None:
        """Make it, and them."""
        self.challenge, self.attribute = challenge, ATTRIBUTES[challenge]
        self.pool = pool_with(self.world, challenge)
        self.clients = [self.pool.client().client_id for _ in range(2)]
        for name in NAMES:
            self.pool.user(name)

    def call(self, operation: str, **request: Any) -> tuple[str, dict[str, Any]]:
        """Call an operation after a second; return its error with all that was said, and its answer."""
        self.world.clock.advance(SECOND)
        answer = self.wire.call(operation, request)
        return (answer.body, {}) if answer.error else ("", json.loads(answer.body))

    @rule(who=WHO, client=WHO)
    def begin(self, who: int, client: int) -> None:
        """Give the password: who has proved no address is asked to set one up, who has is sent a code there."""
        name, by = NAMES[who], self.clients[client]
        parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
        error, body = self.call("InitiateAuth", ClientId=by, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        if error:
            assert any(one in error for one in HELD_UP), error
            return
        assert body["ChallengeName"] == (self.challenge if name in self.proved else "MFA_SETUP")
        self.keep(body, name, by, self.proved.get(name, ""))

    @rule(n=st.integers(0, 5), who=WHO, client=WHO, own=st.sampled_from([True, True, False]))
    @precondition(lambda self: self.trails)
    def hand_over(self, n: int, who: int, client: int, *, own: bool) -> None:
        """Answer MFA_SETUP with a new address: one's own sign-in (`own`), or whosever it is."""
        trail = self.pick(n)
        name, by = (trail.name, trail.client) if own else (NAMES[who], self.clients[client])
        number = next(_numbers)
        address = f"walker{number}@setup.example" if self.attribute == "email" else f"+1557{number:07}"
        error, body = self.respond("MFA_SETUP", trail, name, by, **{self.attribute.upper(): address})
        due = self.fits(trail, name, by) and not trail.address and name not in self.proved
        assert due or error, "an address was taken from a Session that asks for none"
        if error:
            assert not due or any(one in error for one in HELD_UP), error
            return
        trail.spent = True
        self.keep(body, name, by, address)

    @rule(
        n=st.integers(0, 5),
        m=st.integers(0, 5),
        who=WHO,
        client=WHO,
        how=st.sampled_from(["right", "right", "right", "wrong", "another's", "elsewhere"]),
    )
    @precondition(lambda self: self.trails)
    def answer(self, n: int, m: int, who: int, client: int, how: str) -> None:
        """Answer the challenge: with its code, a wrong one, that of another sign-in, or as somebody else elsewhere."""
        trail, other = self.pick(n), self.pick(m)
        name, by = (NAMES[who], self.clients[client]) if how == "elsewhere" else (trail.name, trail.client)
        code = {"wrong": wrong(trail.code or "00000000"), "another's": other.code or "00000000"}.get(how, trail.code)
        before = count_of_sessions(self.pool)
        given = {f"{self.challenge}_CODE": code or "00000000"}
        error, body = self.respond(self.challenge, trail, name, by, **given)
        tokens = "AuthenticationResult" in body
        assert count_of_sessions(self.pool) == before + tokens
        fits = self.fits(trail, name, by) and bool(trail.address) and code == trail.code
        fits = fits and self.proved.get(name, trail.address) == trail.address
        assert fits or not tokens, f"tokens by a {how} code"
        if fits and self.newest.get(name) is trail:
            assert tokens or any(one in error for one in HELD_UP), error
        if tokens:
            trail.spent = True
            self.proved[name] = trail.address
            self.reached[f"{self.attribute} of {len(self.proved)}"] += 1

    @rule(n=st.integers(0, 1), client=WHO, twice=st.booleans(), how=st.sampled_from(["right", "wrong", "another's"]))
    def come_in(self, n: int, client: int, how: str, *, twice: bool) -> None:
        """Set an address up and sign in by it, as applications do; `twice` at once, where the second comes too late."""
        for _ in range(1 + twice):
            self.begin(n, client)
            if self.trails and not self.trails[-1].address:
                self.hand_over(0, n, client, own=True)
        if self.trails:
            self.answer(0, 1, n, client, how)
            self.answer(0, 1, n, client, "right")
            self.answer(2 * twice, 0, n, client, "right")  # the trails between are at MFA_SETUP

    @rule(minutes=st.sampled_from([1, 4, 61]))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes * MINUTE)

    @invariant()
    def nobody_has_an_address_that_was_not_proved(self) -> None:
        for name in NAMES:
            attributes = held(self.pool, name)
            expected = (self.proved[name], "true") if name in self.proved else (None, None)
            assert (attributes.get(self.attribute), attributes.get(f"{self.attribute}_verified")) == expected

    def respond(self, challenge: str, trail: Trail, name: str, by: str, **given: str) -> tuple[str, dict[str, Any]]:
        responses = {"USERNAME": name, **given}
        request = {"ChallengeName": challenge, "ChallengeResponses": responses, "Session": trail.session}
        return self.call("RespondToAuthChallenge", ClientId=by, **request)

    def fits(self, trail: Trail, name: str, by: str) -> bool:
        ours = (trail.name, trail.client) == (name, by)
        return ours and not trail.spent and self.world.clock.now() < trail.ends_at

    def pick(self, n: int) -> Trail:
        return self.trails[-1 - n % len(self.trails)]

    def keep(self, body: dict[str, Any], name: str, by: str, address: str) -> None:
        code = self.world.code(address) if address else ""
        ends_at = self.world.clock.now() + STEP_LIFE
        trail = Trail(name, by, body["Session"], ends_at, address, code)
        self.trails = [*self.trails[-7:], trail]
        if address:
            self.newest[name] = trail

    def teardown(self) -> None:
        self.wire.close()


def test_an_address_is_set_up_by_whoever_proved_it(world: World) -> None:
    """No tokens and no address without the code that went there, in the very sign-in that it was sent for."""
    reached = Counter[str]()
    walk(partial(SetUpWalk, world, reached), examples=20, steps=25)
    assert set(reached) == {f"{one} of {n}" for one in ATTRIBUTES.values() for n in (1, 2)}
