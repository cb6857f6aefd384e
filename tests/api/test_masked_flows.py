"""Can a stranger find out who has an account, by going back and forth between all flows? A walk that compares.

Each of its requests is made for a user and for a ghost of the same look, with everything that a stranger may do and with
pools that change in between; the answers have the same name, sentence and shape, and cost the same work (attacks.md 9).
"""

import json
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from api.choosing import ALLOWED
from api.pools_code import Code, running_code
from api.second_factors import prefer
from api.signing_in import SOME_A, Raw, drop_password, guessed_proof, put, raw
from api.walk import walk
from api.walking import CHALLENGES, EVERYTHING, RULES, STARTS, Person, Rules, set_rules, start_of
from api.world import PASSWORD, REGION, ClientOfTests, World
from poolkeeper.clock import SECOND

WRONG = "Wrong-password-0"
NO_DEVICE = f"{REGION}_00000000-0000-4000-8000-000000000000"
# Who is known: in a state that a right proof would tell, with or without a second factor, with or without a password.
KINDS = [
    "CONFIRMED",
    "UNCONFIRMED",
    "FORCE_CHANGE_PASSWORD",
    "RESET_REQUIRED",
    "disabled",
    "with MFA",
    "without password",
]
# Values that are new in each answer, or that nobody but their owner can tell from another's.
_DRAWN = {"SALT", "SRP_B", "SECRET_BLOCK", "USER_ID_FOR_SRP", "USERNAME", "CREDENTIAL_REQUEST_OPTIONS"}
# A wrong answer to each challenge that a stranger is asked.
_GUESSES: dict[str, dict[str, str]] = {
    "SELECT_CHALLENGE": {"ANSWER": "PASSWORD", "PASSWORD": WRONG},
    "PASSWORD": {"PASSWORD": WRONG},
    "PASSWORD_SRP": {"SRP_A": SOME_A},
    "EMAIL_OTP": {"EMAIL_OTP_CODE": "00000000"},
    "SMS_OTP": {"SMS_OTP_CODE": "000000"},
    "WEB_AUTHN": {"CREDENTIAL": "{}"},
    "CUSTOM_CHALLENGE": {"ANSWER": "a guess"},
    # Those that come after a proof, which a stranger answers all the same.
    "NEW_PASSWORD_REQUIRED": {"NEW_PASSWORD": PASSWORD},
    "SMS_MFA": {"SMS_MFA_CODE": "000000"},
    "SOFTWARE_TOKEN_MFA": {"SOFTWARE_TOKEN_MFA_CODE": "000000"},
    "SELECT_MFA_TYPE": {"ANSWER": "SMS_MFA"},
    "MFA_SETUP": {},
    "DEVICE_SRP_AUTH": {"DEVICE_KEY": NO_DEVICE, "SRP_A": SOME_A},
    "DEVICE_PASSWORD_VERIFIER": {"DEVICE_KEY": NO_DEVICE},
}
_PUBLIC: dict[str, dict[str, str]] = {
    "ForgotPassword": {},
    "ConfirmForgotPassword": {"ConfirmationCode": "000000", "Password": PASSWORD},
    "ConfirmSignUp": {"ConfirmationCode": "000000"},
    "ResendConfirmationCode": {},
}


class StrangersWalk(RuleBasedStateMachine):
    """Somebody who has two names and no secret. `asked` is what each name was asked last, in the same breath."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.asked: list[tuple[dict[str, Any], dict[str, Any]]] = []

    @initialize(kind=st.sampled_from(KINDS), rules=st.sampled_from(RULES))
    def make_the_two(self, kind: str, rules: Rules) -> None:
        """Make a user, and find a name that nobody has and that is offered the same."""
        pool = self.world.pool(LambdaConfig=CHALLENGES, UsernameAttributes=["email"], AutoVerifiedAttributes=["email"])
        self.client = pool.client(ExplicitAuthFlows=ALLOWED)
        set_rules(pool, EVERYTHING)
        known = "k000@x.example"
        _make(self.client, known, kind)
        self.names = (known, next(filter(partial(self.alike, known), (f"k{n:03}@x.example" for n in range(1, 999)))))
        self.change_the_pool(rules)

    def alike(self, known: str, unknown: str) -> bool:
        """Say whether two names are offered the same, under the settings that tell most."""
        for rules in (EVERYTHING, RULES[0]):
            ask = {"ClientId": self.client.client_id, "AuthFlow": "USER_AUTH"}
            set_rules(self.client.pool, rules)
            offers = [
                json.loads(raw(self.world, "InitiateAuth", {**ask, "AuthParameters": {"USERNAME": name}})[2])
                for name in (known, unknown)
            ]
            if offers[0].get("AvailableChallenges") != offers[1].get("AvailableChallenges"):
                return False
        return True

    @rule(rules=st.sampled_from(RULES))
    def change_the_pool(self, rules: Rules) -> None:
        set_rules(self.client.pool, rules)

    @rule(seconds=st.sampled_from([1, 3, 200, 1000, 90_000]))
    def wait(self, seconds: int) -> None:
        self.world.clock.advance(seconds * SECOND)

    @rule(flow=st.sampled_from(sorted(STARTS)), device=st.booleans())
    def begin(self, flow: str, *, device: bool) -> None:
        """Begin a flow, with a wrong password where it takes one, and with a device that nobody has."""
        more = {"DEVICE_KEY": NO_DEVICE} if device else {}

        def body(name: str) -> dict[str, Any]:
            given = {"USERNAME": name, **start_of(flow, Person(name, name, ""), right=False), **more}
            return {"AuthFlow": flow.partition(",")[0], "AuthParameters": given}

        self.keep(self.compared("InitiateAuth", [body(name) for name in self.names]))

    @rule(challenge=st.sampled_from(sorted(_GUESSES)))
    @precondition(lambda self: self.asked)
    def guess_another(self, challenge: str) -> None:
        """Answer a challenge that was not asked, with the Session of one that was."""
        self.answer(challenge)

    @rule(n=st.integers(0, 3))
    @precondition(lambda self: self.asked)
    def guess(self, n: int) -> None:
        """Answer what is asked wrong."""
        pair = self.asked[-1 - n % len(self.asked)]
        self.asked.append(pair)
        self.answer(pair[0]["ChallengeName"])

    @rule(operation=st.sampled_from(["AssociateSoftwareToken", "VerifySoftwareToken"]))
    @precondition(lambda self: self.asked)
    def set_up_an_app(self, operation: str) -> None:
        """Use a Session where one of MFA_SETUP is due."""
        more = {"UserCode": "000000"} if operation == "VerifySoftwareToken" else {}
        self.compared(operation, [{"Session": one.get("Session", "A" * 40), **more} for one in self.asked[-1]])

    @rule(operation=st.sampled_from(sorted(_PUBLIC)))
    def ask(self, operation: str) -> None:
        """Call what names a user and proves nothing."""
        self.compared(operation, [{"Username": name, **_PUBLIC[operation]} for name in self.names])

    def answer(self, challenge: str) -> None:
        bodies = []
        for name, one in zip(self.names, self.asked[-1], strict=True):
            block = one["ChallengeParameters"].get("SECRET_BLOCK", "QUJD")
            proof = guessed_proof(name, block) if challenge.endswith("PASSWORD_VERIFIER") else {}
            responses = {"USERNAME": name, **proof, **_GUESSES.get(challenge, {})}
            session = {"Session": one["Session"]} if one.get("Session") else {}
            bodies.append({"ChallengeName": challenge, "ChallengeResponses": responses, **session})
        self.keep(self.compared("RespondToAuthChallenge", bodies))

    def keep(self, answers: list[dict[str, Any]]) -> None:
        if "ChallengeName" in answers[0]:
            self.asked = [*self.asked[-3:], (answers[0], answers[1])]

    def compared(self, operation: str, bodies: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Make one request for each name, compare everything that a stranger sees, and return the answers."""
        client = {} if operation.endswith("SoftwareToken") else {"ClientId": self.client.client_id}
        told, answers = [], []
        for body in bodies:
            before = self.world.hashes()
            answer = raw(self.world, operation, {**client, **body})
            told.append((_shape(answer), self.world.hashes() - before))
            answers.append(json.loads(answer[2]))
        assert told[0] == told[1], f"{operation} {bodies[0]}"
        assert "AuthenticationResult" not in answers[0]
        return answers


def _make(client: ClientOfTests, name: str, kind: str) -> None:
    """Make the user that the stranger must not be able to tell from nobody."""
    pool = client.pool
    if kind == "UNCONFIRMED":
        client.sign_up(name)
        return
    sub = pool.user(name, permanent=kind != "FORCE_CHANGE_PASSWORD", email_verified="true")
    if kind == "RESET_REQUIRED":
        put(pool, sub, status=kind)
    if kind == "disabled":
        put(pool, sub, enabled=0)
    if kind == "with MFA":
        prefer(pool, name, "EmailMfaSettings")
    if kind == "without password":
        drop_password(pool, sub)


def _shape(answer: Raw) -> tuple[Any, ...]:
    """Return an answer without what is drawn: a Session by its length, the values that nobody can read by their names."""
    status, headers, body = answer
    if status != 200:
        return answer
    document = json.loads(body)
    parameters = document.get("ChallengeParameters", {})
    document["ChallengeParameters"] = {
        name: "" if name in _DRAWN else value for name, value in sorted(parameters.items())
    }
    # Of a pretended number length and last digits are drawn for each name, as those of real ones differ.
    details = document.get("CodeDeliveryDetails", {})
    if details.get("DeliveryMedium") == "SMS":
        details["Destination"] = details["Destination"].rstrip("0123456789").rstrip("*")
    return status, sorted(headers), {**document, "Session": len(document.get("Session") or "")}


def test_no_way_through_the_flows_tells_who_exists(world: World) -> None:
    """attacks.md 9: whatever a stranger does with two names, and however the pool is set, the answers differ in nothing."""
    with pytest.MonkeyPatch.context() as patched, running_code(world, patched, Code()):
        walk(partial(StrangersWalk, world), examples=10, steps=25)
