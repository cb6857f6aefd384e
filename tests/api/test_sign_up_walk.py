"""Whether whoever signs up comes in by what was proved and by nothing else, in whatever order things are tried.

A walk of signing up, with a password and without, confirming, going on by the Sessions of both, and signing in (attacks.md
1-6, 15-20, 25, 38-44); `make walk` walks further.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from api.choosing import ALLOWED
from api.second_factors import TOTP, demand, wrong
from api.signing_in import count_of_sessions
from api.stage import Answer, Wire
from api.walk import walk
from api.world import PASSWORD, World
from poolkeeper.clock import DAY, MINUTE, SECOND

STEP_LIFE = 3 * MINUTE
WHO = st.integers(0, 1)
LIMITS = {"LimitExceededException", "TooManyRequestsException"}
CHANGES = ["AdminDeleteUser", "AdminDisableUser", "AdminEnableUser", "AdminEnableUser", "AdminSetUserPassword"]
_numbers = count(1)


@dataclass
class Newcomer:
    """Who signs up by a name: somebody else after each deletion. `version` counts passwords, `code` is the newest."""

    name: str
    mail: str
    sub: str
    password: str | None
    confirmed: bool = False
    enabled: bool = True
    version: int = 0
    code: str = ""
    code_ends_at: int = 0
    older: list[str] = field(default_factory=list)


@dataclass
class Pass:
    """A Session that a newcomer was given; `opens` says whether it is ConfirmSignUp's, which signs in once."""

    session: str
    of: Newcomer
    client: str
    ends_at: int
    version: int
    opens: bool
    spent: bool = False


class SignUpWalk(RuleBasedStateMachine):
    """Two names, two clients of one pool. `reached` counts the ways in, over all walks."""

    def __init__(self, world: World, reached: Counter[str]) -> None:
        super().__init__()
        self.world, self.wire, self.reached = world, Wire(world), reached
        self.here: dict[str, Newcomer] = {}
        self.passes: list[Pass] = []
        self.demands = self.asked = False

    @initialize(codes=st.booleans())
    def make_the_pool(self, *, codes: bool) -> None:
        """Make a pool in which mailed codes sign in, or one that may demand a second factor: no pool can do both."""
        factors = ["PASSWORD", "EMAIL_OTP"] if codes else ["PASSWORD"]
        policies = {"SignInPolicy": {"AllowedFirstAuthFactors": factors}}
        self.pool = self.world.pool(AutoVerifiedAttributes=["email"], Policies=policies)
        self.clients = [self.pool.client(ExplicitAuthFlows=ALLOWED).client_id for _ in range(2)]
        self.codes = codes

    def call(self, operation: str, **request: Any) -> tuple[Answer, dict[str, Any]]:
        """Call an operation after a second: what is sent by it is the newest then."""
        self.world.clock.advance(SECOND)
        answer = self.wire.call(operation, request)
        return answer, {} if answer.error else json.loads(answer.body or "{}")

    # Signing up.

    @rule(who=WHO, client=WHO, with_password=st.booleans())
    def sign_up(self, who: int, client: int, *, with_password: bool) -> None:
        """Sign up by a name, which is refused while somebody has it."""
        name, mail = ("ada", "eve")[who], f"walker{next(_numbers)}@up.example"
        request = {"Username": name, "UserAttributes": [{"Name": "email", "Value": mail}]}
        secret = {"Password": PASSWORD} if with_password else {}
        answer, body = self.call("SignUp", ClientId=self.clients[client], **request, **secret)
        needed = not with_password and not self.codes
        if name in self.here or needed:
            assert answer.error == ("InvalidParameterException" if needed else "UsernameExistsException")
            return
        assert not answer.error, answer.body
        made = Newcomer(name, mail, body["UserSub"], secret.get("Password"))
        self.here[name] = made
        self.take_code(made)
        self.give(body, made, client, opens=False)

    @rule(who=WHO, client=WHO)
    def ask_again(self, who: int, client: int) -> None:
        """Have another code sent: the one before it is worth nothing then."""
        name = ("ada", "eve")[who]
        sent = len(self.mail(self.here.get(name)))
        answer, _ = self.call("ResendConfirmationCode", ClientId=self.clients[client], Username=name)
        newcomer = self.here.get(name)
        if newcomer is None or answer.error or newcomer.confirmed:
            assert len(self.mail(newcomer)) == sent
            return
        newcomer.older.append(newcomer.code)
        self.take_code(newcomer)

    @rule(
        who=WHO,
        client=WHO,
        how=st.sampled_from(["right", "right", "right", "wrong", "older", "another's"]),
        by=st.integers(0, 3),
    )
    @precondition(lambda self: self.here)
    def confirm(self, who: int, client: int, how: str, by: int) -> None:
        """Confirm by some code, with the Session of some sign-up or none: only that of this very one is gone on from."""
        name = ("ada", "eve")[who]
        newcomer, other = self.here.get(name), self.here.get(("ada", "eve")[1 - who])
        given = {
            "right": newcomer.code if newcomer else "000000",
            "wrong": wrong(newcomer.code) if newcomer else "000000",
            "older": newcomer.older[-1] if newcomer and newcomer.older else "000000",
            "another's": other.code if other else "000000",
        }[how]
        offered = self.passes[-1 - by] if by < len(self.passes) else None
        session = {"Session": offered.session} if offered else {}
        request = {"ClientId": self.clients[client], "Username": name, "ConfirmationCode": given}
        before = count_of_sessions(self.pool)
        answer, body = self.call("ConfirmSignUp", **request, **session)
        assert count_of_sessions(self.pool) == before
        due = newcomer is not None and not newcomer.confirmed and given == newcomer.code
        due = due and newcomer is not None and self.world.clock.now() < newcomer.code_ends_at
        if answer.error:
            assert not due or answer.error in LIMITS, answer.body
            return
        assert due, f"confirmed by a {how} code"
        assert newcomer is not None
        newcomer.confirmed = True
        fits = offered is not None and not offered.opens and self.fits(offered, newcomer, client)
        assert ("Session" in body) == fits
        self.give(body, newcomer, client, opens=True)

    # Coming in.

    @rule(n=st.integers(0, 5), who=WHO, client=WHO, fitting=st.booleans())
    @precondition(lambda self: self.passes)
    def go_on(self, n: int, who: int, client: int, *, fitting: bool) -> None:
        """Sign in by a Session: its own person's at its own client (`fitting`), or whosever it is."""
        offered = self.passes[-1 - n % len(self.passes)]
        name = offered.of.name if fitting else ("ada", "eve")[who]
        client = self.clients.index(offered.client) if fitting else client
        newcomer = self.here.get(name)
        due = offered.opens and not offered.spent and newcomer is not None and self.fits(offered, newcomer, client)
        due = due and newcomer is not None and newcomer.enabled
        parameters = {"AuthFlow": "USER_AUTH", "AuthParameters": {"USERNAME": name}, "Session": offered.session}
        came = self.came_in("sign-up", "InitiateAuth", due=due, ClientId=self.clients[client], **parameters)
        offered.spent = offered.spent or came or self.asked

    @rule(who=WHO, client=WHO, with_password=st.booleans(), late=st.booleans())
    def come_in_at_once(self, who: int, client: int, *, with_password: bool, late: bool) -> None:
        """Sign up, confirm and go on, as applications do; then try to go on by the same Session again."""
        self.sign_up(who, client, with_password=with_password)
        self.confirm(who, client, "right", 0)
        if late:
            self.world.clock.advance(STEP_LIFE)
        if self.passes:
            self.go_on(0, who, client, fitting=True)
            self.go_on(0, who, client, fitting=True)
        self.sign_in(who, client)

    @rule(who=WHO, client=WHO)
    def sign_in(self, who: int, client: int) -> None:
        """Sign in by the password, if there is one: nobody does who is not confirmed."""
        newcomer = self.here.get(("ada", "eve")[who])
        due = newcomer is not None and newcomer.confirmed and newcomer.enabled and newcomer.password is not None
        given = {"USERNAME": ("ada", "eve")[who], "PASSWORD": (newcomer and newcomer.password) or PASSWORD}
        parameters = {"AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": given}
        self.came_in("password", "InitiateAuth", due=due, ClientId=self.clients[client], **parameters)

    @rule(who=WHO, client=WHO, right=st.booleans())
    @precondition(lambda self: self.codes)
    def sign_in_by_code(self, who: int, client: int, *, right: bool) -> None:
        """Sign in by a mailed code, which confirms whoever was not, and takes the password of before away then."""
        name = ("ada", "eve")[who]
        newcomer = self.here.get(name)
        given = {"USERNAME": name, "PREFERRED_CHALLENGE": "EMAIL_OTP"}
        by = self.clients[client]
        asked, body = self.call("InitiateAuth", ClientId=by, AuthFlow="USER_AUTH", AuthParameters=given)
        if asked.error or newcomer is None:
            assert newcomer is None or asked.error in LIMITS or self.locked(newcomer), asked.body
            return
        sent = self.mail(newcomer)
        code = str(sent[-1]["code"])
        answers = {"USERNAME": name, "EMAIL_OTP_CODE": code if right else wrong(code)}
        request = {"ChallengeName": "EMAIL_OTP", "ChallengeResponses": answers, "Session": body["Session"]}
        due = right and newcomer.enabled
        came = self.came_in("code", "RespondToAuthChallenge", due=due, ClientId=by, **request)
        if came and not newcomer.confirmed:
            newcomer.confirmed = True
            if newcomer.password is not None:  # a stranger may have chosen it: it goes with the first proof
                newcomer.password, newcomer.version = None, newcomer.version + 1

    def came_in(self, way: str, operation: str, *, due: bool, **request: Any) -> bool:
        """Ask for tokens and hold what comes against whether they are due; a lock of before may stand in the way."""
        due = due and not self.demands
        before = count_of_sessions(self.pool)
        answer, body = self.call(operation, **request)
        tokens, self.asked = "AuthenticationResult" in body, "ChallengeName" in body
        assert count_of_sessions(self.pool) == before + tokens
        assert due or not tokens, f"{way}: tokens for {request}"
        held_up = answer.error in LIMITS or "attempts exceeded" in answer.body
        assert tokens or not due or held_up, f"{way}: {answer.body}"
        self.reached[way] += tokens
        return tokens

    # What happens meanwhile.

    @rule(demands=st.sampled_from([False, False, True]))
    @precondition(lambda self: not self.codes)
    def demand(self, *, demands: bool) -> None:
        """Have the pool demand a second factor, which nobody here has: then nothing that was proved is enough."""
        demand(self.pool, TOTP, mode="ON" if demands else "OPTIONAL")
        self.demands = demands

    @rule(who=WHO, change=st.sampled_from(CHANGES))
    @precondition(lambda self: self.here)
    def administrate(self, who: int, change: str) -> None:
        newcomer = self.here.get(("ada", "eve")[who])
        if newcomer is None:
            return
        more: dict[str, Any] = {}
        if change == "AdminSetUserPassword":
            newcomer.version += 1
            more = {"Password": f"{PASSWORD}-{newcomer.version}", "Permanent": True}
        answer, _ = self.call(change, UserPoolId=self.pool.pool_id, Username=newcomer.name, **more)
        assert not answer.error, answer.body
        match change:
            case "AdminDeleteUser":
                del self.here[newcomer.name]
            case "AdminSetUserPassword":
                newcomer.password, newcomer.confirmed = more["Password"], True
            case _:
                newcomer.enabled = change == "AdminEnableUser"

    @rule(minutes=st.sampled_from([1, 4, 16, 61, 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes * MINUTE)

    def fits(self, offered: Pass, newcomer: Newcomer, client: int) -> bool:
        """Say whether a Session is of this person with this password, of this client, and of now."""
        same = (offered.of is newcomer, offered.client, offered.version) == (
            True,
            self.clients[client],
            newcomer.version,
        )
        return same and self.world.clock.now() < offered.ends_at

    def give(self, body: dict[str, Any], newcomer: Newcomer, client: int, *, opens: bool) -> None:
        if "Session" in body:
            ends_at = self.world.clock.now() + STEP_LIFE
            given = Pass(body["Session"], newcomer, self.clients[client], ends_at, newcomer.version, opens)
            self.passes = [*self.passes[-7:], given]

    def take_code(self, newcomer: Newcomer) -> None:
        newcomer.code = str(self.mail(newcomer)[-1]["code"])
        newcomer.code_ends_at = self.world.clock.now() + DAY

    def locked(self, newcomer: Newcomer) -> bool:
        sql = "SELECT locked_until FROM lockouts WHERE pool_id = $1 AND subject_id = $2"
        return any(row[0] > self.world.clock.now() for row in self.world.rows(sql, self.pool.pool_id, newcomer.sub))

    def mail(self, newcomer: Newcomer | None) -> list[dict[str, Any]]:
        return [] if newcomer is None else self.world.outbox(newcomer.mail)

    def teardown(self) -> None:
        self.wire.close()


def test_who_signs_up_comes_in_by_what_was_proved(world: World) -> None:
    """No Session and no code is good twice, for another, elsewhere or too late; what is right is not refused."""
    reached = Counter[str]()
    walk(partial(SignUpWalk, world, reached), examples=20, steps=30)
    assert set(reached) == {"sign-up", "password", "code"}
    assert min(reached.values()) > 0
