"""Whether a token says no more of its user than was proved, in whatever order levels are asked for.

A walk of signing in to a level and stepping up from tokens, one's own and others', new and old, ended and alive (attacks.md
3-6, 49; userpools.md 4); `make walk` walks further.
"""

import json
from collections import Counter
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from api.choosing import ALLOWED
from api.forge import claims_of
from api.second_factors import EMAIL_OTP, SMS_MFA, STEP, TOTP, enrol, pool_with, prefer, shown, wrong
from api.signing_in import count_of_sessions
from api.stage import Answer, Wire
from api.walk import walk
from api.world import PASSWORD, SMS, World
from poolkeeper.clock import MINUTE, SECOND

NAMES = ("ada", "eve")
WHO = st.integers(0, 1)
LOA = {f"urn:cognito:loa:{level}": level for level in range(1, 5)}
FIRST = ("PASSWORD", "EMAIL_OTP", "SMS_OTP")
PROVES = {"PASSWORD": "pwd", EMAIL_OTP: "email_otp", "SMS_OTP": "sms", SMS_MFA: "sms", TOTP: "otp"}
WHOSE = ("one's own", "of another client", "anybody's")
_numbers = count(1)


def level_of(proved: set[str]) -> int:
    """Return the level that factors reach (userpools.md 4), written down once more."""
    if {"pwd", "otp"} <= proved:
        return 4
    if "pwd" in proved and proved & {"sms", "email_otp"}:
        return 3
    if proved & {"sms", "email_otp", "otp"}:
        return 2
    return 1 if "pwd" in proved else 0


@dataclass
class Token:
    """An access token: of whom, at which client, by which proofs, since when, and whether it was ended."""

    access: str
    name: str
    client: str
    proved: frozenset[str]
    at: int
    ended: bool = False


class StepUpWalk(RuleBasedStateMachine):
    """Two people with a password, a mailbox, a phone and an app, and two clients of one pool."""

    def __init__(self, world: World, reached: Counter[str]) -> None:
        super().__init__()
        self.world, self.wire, self.reached = world, Wire(world), reached
        self.tokens: list[Token] = []

    @initialize(mfa=st.sampled_from([None, "SMSMfaSettings", "SoftwareTokenMfaSettings"]))
    def make_the_pool(self, mfa: str | None) -> None:
        """Make them; the first of the two may have turned MFA on."""
        policies = {"SignInPolicy": {"AllowedFirstAuthFactors": list(FIRST)}}
        self.pool = pool_with(self.world, SMS_MFA, TOTP, mode="OPTIONAL", Policies=policies, SmsConfiguration=SMS)
        clients = [self.pool.client(ExplicitAuthFlows=ALLOWED) for _ in range(2)]
        self.clients = [one.client_id for one in clients]
        self.mail, self.phone, self.secret = {}, {}, {}
        for name in NAMES:
            number = next(_numbers)
            self.mail[name], self.phone[name] = f"walker{number}@up.example", f"+1556{number:07}"
            known: dict[str, Any] = {"email": self.mail[name], "phone_number": self.phone[name]}
            self.pool.user(name, **known, email_verified="true", phone_number_verified="true")
            self.secret[name] = enrol(clients[0], name, preferred=False)
            self.pool.admin("admin_set_user_mfa_preference", name, SoftwareTokenMfaSettings={"Enabled": False})
        if mfa is not None:
            prefer(self.pool, NAMES[0], mfa)

    def call(self, operation: str, **request: Any) -> tuple[Answer, dict[str, Any]]:
        """Call an operation after a second: what is sent by it is the newest then."""
        self.world.clock.advance(SECOND)
        answer = self.wire.call(operation, request)
        return answer, {} if answer.error else json.loads(answer.body or "{}")

    @rule(
        who=WHO,
        client=WHO,
        acr=st.sampled_from([None, *LOA]),
        first=st.sampled_from([None, *FIRST]),
        pick=st.integers(0, 3),
        slip=st.integers(0, 9),
    )
    def sign_in(self, who: int, client: int, acr: str | None, first: str | None, pick: int, slip: int) -> None:
        """Sign in, to a level or to none, by one factor or by whichever is offered."""
        wanted = {"TARGET_ACR_VALUES": acr} if acr else {}
        self.go(NAMES[who], self.clients[client], wanted, frozenset(), first, pick, slip)

    @rule(
        n=st.integers(0, 4),
        who=WHO,
        client=WHO,
        whose=st.sampled_from([WHOSE[0], *WHOSE]),
        acrs=st.lists(st.sampled_from(list(LOA)), min_size=1, max_size=2),
        age=st.sampled_from([None, None, 60, 600]),
        first=st.sampled_from([None, *FIRST]),
        pick=st.integers(0, 3),
        slip=st.integers(0, 9),
        ends=st.sampled_from([False, False, False, True]),
    )
    @precondition(lambda self: self.tokens)
    def step_up(
        self, n: int, who: int, client: int, *, whose: str, acrs: list[str], age: int | None, first: str | None,
        pick: int, slip: int, ends: bool,
    ) -> None:  # fmt: skip
        """Step up from a token: what it proved counts for its own user and client, while it lives and is young enough.

        `ends`: all sessions of whom it is about do, as soon as it has begun.
        """
        token = self.tokens[-1 - n % len(self.tokens)]
        other = next(one for one in self.clients if one != token.client)
        anybody = (NAMES[who], self.clients[client])
        place = dict(zip(WHOSE, [(token.name, token.client), (token.name, other)], strict=False))
        name, by = place.get(whose, anybody)
        wanted = {"ACCESS_TOKEN": token.access, "TARGET_ACR_VALUES": " ".join(acrs)}
        wanted |= {"MAX_AGE": str(age)} if age is not None else {}
        fits = (token.name, token.client, token.ended) == (name, by, False)
        young = age is None or token.at + age * SECOND >= self.world.clock.now() + SECOND
        self.go(name, by, wanted, token.proved if fits and young else frozenset(), first, pick, slip, ends=ends)

    @rule(
        who=WHO,
        client=WHO,
        acr=st.sampled_from([*LOA]),
        pick=st.integers(0, 3),
        how=st.sampled_from(["at once", "at once", "late", "of another client", "as it ends"]),
    )
    def rise(self, who: int, client: int, acr: str, pick: int, how: str) -> None:
        """Sign in by the password and step up, as applications do, or else too late, elsewhere or as all is ended."""
        self.sign_in(who, client, None, "PASSWORD", pick, 9)
        age = None
        if how == "late":
            age = 60
            self.wait(minutes=2)
        if self.tokens:
            whose = how if how in WHOSE else WHOSE[0]
            ends = how == "as it ends"
            self.step_up(0, who, client, whose=whose, acrs=[acr], age=age, first=None, pick=pick, slip=9, ends=ends)

    def go(
        self,
        name: str,
        by: str,
        wanted: dict[str, str],
        carried: frozenset[str],
        first: str | None,
        pick: int,
        slip: int,
        *,
        ends: bool = False,
    ) -> None:
        """Begin, and answer what is asked, the answer number `slip` wrong; hold the tokens against the proofs.

        What was carried over is worth nothing once its session `ends` before the first answer.
        """
        given = {"USERNAME": name, **wanted, **({"PREFERRED_CHALLENGE": first} if first else {})}
        proved = set(carried)
        if first == "PASSWORD":
            given["PASSWORD"] = PASSWORD if slip else f"{PASSWORD}-not"
            proved |= {"pwd"} if slip else set()
        before = count_of_sessions(self.pool)
        answer, body = self.call("InitiateAuth", ClientId=by, AuthFlow="USER_AUTH", AuthParameters=given)
        if ends and "ChallengeName" in body:
            proved = {"pwd"} & proved if first == "PASSWORD" else set()
            self.sign_out(NAMES.index(name))
        for number in range(1, 7):
            if answer.error or "AuthenticationResult" in body:
                break
            assert count_of_sessions(self.pool) == before
            responses, factor = self.reply(name, body, pick)
            if number == slip:
                responses = {key: wrong(value) if key.endswith("CODE") else value for key, value in responses.items()}
            right = number != slip or not any(key.endswith("CODE") for key in responses)
            request = {"ChallengeName": body["ChallengeName"], "ChallengeResponses": {"USERNAME": name, **responses}}
            session = body["Session"]
            answer, body = self.call("RespondToAuthChallenge", ClientId=by, Session=session, **request)
            proved |= {factor} if factor and right and not answer.error else set()
        if "AuthenticationResult" not in body:
            assert count_of_sessions(self.pool) == before
            return
        self.admitted(name, by, body["AuthenticationResult"]["AccessToken"], proved, "ACCESS_TOKEN" in wanted)

    def admitted(self, name: str, by: str, access: str, proved: set[str], stepped: bool) -> None:  # noqa: FBT001 - one caller
        claims = claims_of(access)
        assert (claims["username"], claims["client_id"]) == (name, by)
        assert proved, "tokens for nothing"
        assert set(claims.get("amr", ())) - {"mfa"} <= proved
        assert LOA.get(claims.get("acr", ""), 0) <= level_of(proved), f"{claims['acr']} by {proved}"
        self.reached["stepped up" if stepped else "signed in"] += 1
        self.reached[str(claims.get("acr", "no level"))] += 1
        self.tokens = [*self.tokens[-5:], Token(access, name, by, frozenset(proved), self.world.clock.now())]

    def reply(self, name: str, body: dict[str, Any], pick: int) -> tuple[dict[str, str], str]:
        """Return the right answer to a challenge, and the factor that it proves."""
        challenge = body["ChallengeName"]
        match challenge:
            case "SELECT_CHALLENGE":
                offered = body["AvailableChallenges"]
                chosen = offered[pick % len(offered)]
                if chosen == "PASSWORD":
                    return {"ANSWER": chosen, "PASSWORD": PASSWORD}, "pwd"
                return {"ANSWER": "PASSWORD" if chosen == "PASSWORD_SRP" else chosen}, ""
            case "SELECT_MFA_TYPE":
                choices = json.loads(body["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
                return {"ANSWER": choices[pick % len(choices)]}, ""
            case "PASSWORD":
                return {"PASSWORD": PASSWORD}, "pwd"
            case "SOFTWARE_TOKEN_MFA":
                self.world.clock.advance(STEP)
                return {f"{TOTP}_CODE": shown(self.world, self.secret[name])}, "otp"
        to = self.mail[name] if challenge == EMAIL_OTP else self.phone[name]
        return {f"{challenge}_CODE": self.world.code(to)}, PROVES[challenge]

    @rule(who=WHO)
    @precondition(lambda self: self.tokens)
    def sign_out(self, who: int) -> None:
        """End all sessions of somebody."""
        self.pool.admin("admin_user_global_sign_out", NAMES[who])
        for token in self.tokens:
            token.ended = token.ended or token.name == NAMES[who]

    @rule(minutes=st.sampled_from([1, 11, 59]))
    def wait(self, minutes: int) -> None:
        self.world.clock.advance(minutes * MINUTE)

    def teardown(self) -> None:
        self.wire.close()


def test_a_token_says_no_more_than_was_proved(world: World) -> None:
    """No level beyond the proofs of this sign-in and of the token that it began from, if that was its own and alive."""
    reached = Counter[str]()
    walk(partial(StepUpWalk, world, reached), examples=15, steps=20)
    assert set(reached) >= {"signed in", "stepped up", "no level", *LOA}
