"""Whether tokens come of the proofs that a pool demands and of nothing else, in whatever order things are tried.

A walk over all flows, with pools, users and clocks that change in between, and states of others put in (attacks.md 1-6, 25,
38-49). `make walk` walks for minutes, with other seeds each time.
"""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from api.forge import claims_of
from api.pools_code import Code, running_code
from api.second_factors import STEP, TOTP, shown, wrong
from api.signing_in import count_of_sessions
from api.stage import Answer
from api.walk import walk
from api.walking import (
    ANSWERS,
    EVERYTHING,
    RULES,
    STARTS,
    STEP_LIFE,
    Device,
    Person,
    Reply,
    Rules,
    Trail,
    spoilt,
    start_of,
    verifier_of,
)
from api.walking_pool import PREFERENCES, WHO, Meanwhile
from api.world import World
from poolkeeper.clock import SECOND

# What a right answer may still be refused with: too many messages in an hour, or a pool that leaves nothing to set up.
LIMITS = {"TooManyRequestsException", "LimitExceededException", "InvalidUserPoolConfigurationException"}
MOSTLY = st.sampled_from([True, True, True, False])
HOW = st.sampled_from(["right", "right", "wrong", "wrong", "name", "client", "session"])
COMING_IN: Any = {
    "who": WHO,
    "client": WHO,
    "device": st.booleans(),
    "pick": st.integers(0, 9),
    "how": HOW,
    "at": st.integers(0, 2),
}
BY_PASSWORD, BY_CHOICE, BY_CUSTOM = (
    sorted(flow for flow in STARTS if flow.startswith(kind))
    for kind in (("USER_PASSWORD", "USER_SRP"), "USER_AUTH", "CUSTOM")
)


class SignInWalk(Meanwhile):
    """Everything that can be done on the way to tokens, while everything else goes on.

    `waiting` are the sign-ins under way, newest last, `spent` those whose state was used up; `reached` counts by which
    challenges tokens came, over all walks.
    """

    def __init__(self, world: World, reached: Counter[str]) -> None:
        super().__init__(world)
        self.reached = reached
        self.waiting: list[Trail] = []
        self.spent: list[Trail] = []

    @initialize(rules=st.sampled_from(RULES), on=st.lists(st.sampled_from(sorted(PREFERENCES)), max_size=3))
    def begin_the_walk(self, rules: Rules, on: list[str]) -> None:
        """Make a pool with two people: one has everything to sign in with, and some methods of MFA turned on."""
        self.make_the_pool()
        self.set_rules(EVERYTHING)
        self.begin(who=0, client=0, flow="USER_PASSWORD_AUTH", right=True, device=False)
        self.enrol_an_app(who=0)
        self.register_a_passkey(who=0)
        for method in on:
            self.prefer(who=0, method=method, on=True, preferred=method == on[0])
        self.set_rules(rules)

    # What whoever signs in does.

    @rule(who=WHO, client=WHO, flow=st.sampled_from(sorted(STARTS)), right=MOSTLY, device=st.booleans())
    def begin(self, who: int, client: int, flow: str, *, right: bool, device: bool) -> None:
        """Begin a flow, from a known device or not."""
        self.world.clock.advance(SECOND)
        person, by = self.people[who], self.clients[client].client_id
        given = {"USERNAME": person.name, **start_of(flow, person, right=right)}
        key = person.device.key if device and person.device is not None else ""
        trail = Trail(
            person=person,
            client=by,
            flow=flow,
            challenge="",
            asked={},
            session=None,
            proved=(),
            version=person.version,
            changes=person.changes,
            rules=self.demands,
            ends_at=self.world.clock.now() + STEP_LIFE,
            device=key,
        )
        more = {"DEVICE_KEY": key} if key else {}
        request = {"ClientId": by, "AuthFlow": flow.partition(",")[0], "AuthParameters": {**given, **more}}
        reply = Reply(given, "password" if "PASSWORD" in given else "")
        self.settle(trail, reply, lambda: self.wire.call("InitiateAuth", request), right=right or not reply.proves)

    @rule(flow=st.sampled_from(BY_PASSWORD), **COMING_IN)
    def come_in_by_password(self, flow: str, **how: Any) -> None:
        self.come_in(flow, **how)

    @rule(flow=st.sampled_from(BY_CHOICE), **COMING_IN)
    def come_in_by_choice(self, flow: str, **how: Any) -> None:
        self.come_in(flow, **how)

    @rule(flow=st.sampled_from(BY_CUSTOM), **COMING_IN)
    def come_in_by_the_pools_code(self, flow: str, **how: Any) -> None:
        self.come_in(flow, **how)

    def come_in(self, flow: str, *, who: int, client: int, device: bool, pick: int, how: str, at: int) -> None:
        """Begin a flow and answer as long as anything is asked: right, but once otherwise, which must not help."""
        self.begin(who=who, client=client, flow=flow, right=True, device=device)
        for number in range(7):
            if self.waiting and self.waiting[-1].person is self.people[who]:
                self.go_on(n=0, pick=pick, how=how if number == at else "right")

    @rule(n=st.integers(0, 2), pick=st.integers(0, 9), how=HOW)
    @precondition(lambda self: self.waiting)
    def go_on(self, n: int, pick: int, how: str) -> None:
        """Answer what is asked: right, wrong, by the name of another, at another client, with another's state."""
        self.world.clock.advance(SECOND)
        trail = self.waiting[-1 - n % len(self.waiting)]
        if trail.challenge == "MFA_SETUP":
            self.set_up(trail, right=how == "right")
            return
        reply = self.reply(trail, pick)
        bad = spoilt(reply)
        if trail.challenge == "SOFTWARE_TOKEN_MFA" and trail.person.last_step and pick % 2:
            bad = Reply({"SOFTWARE_TOKEN_MFA_CODE": self.used(trail.person)})
        if how == "right" or (how == "wrong" and bad is None):
            self.settle(trail, reply, partial(self.respond, trail, reply.given), right=True)
        elif how == "wrong" and bad is not None:
            self.settle(trail, bad, partial(self.respond, trail, bad.given), right=False)
        else:
            self.misuse(trail, reply, how, pick)

    @rule(n=st.integers(0, 9), pick=st.integers(0, 9))
    @precondition(lambda self: self.spent)
    def answer_again(self, n: int, pick: int) -> None:
        """Give the right answer to what was answered before."""
        trail = self.spent[-1 - n % len(self.spent)]
        before = count_of_sessions(self.pool)
        given = self.reply(trail, pick).given if trail.challenge != "MFA_SETUP" else {}
        assert self.respond(trail, given).error, "a state was used twice"
        assert count_of_sessions(self.pool) == before

    def misuse(self, trail: Trail, reply: Reply, how: str, pick: int) -> None:
        """Give a right answer in the wrong place, which is refused whatever the place is."""
        others = [one for one in (*self.waiting, *self.spent) if not trail.served_by(one)]
        before = count_of_sessions(self.pool)
        match how:
            case "name":
                answer = self.respond(
                    trail, reply.given, name=next(p.name for p in self.people if p.name != trail.person.name)
                )
            case "client":
                other = next(one.client_id for one in self.clients if one.client_id != trail.client)
                answer = self.respond(trail, reply.given, client=other)
            case _ if others:
                other_trail = others[pick % len(others)]
                given = dict(reply.given)
                if "PASSWORD_CLAIM_SECRET_BLOCK" in given:
                    given["PASSWORD_CLAIM_SECRET_BLOCK"] = other_trail.asked.get("SECRET_BLOCK", "QUJD")
                answer = self.respond(replace(trail, session=other_trail.session), given)
            case _:
                return
        assert answer.error, f"{how}: {answer.body}"
        assert count_of_sessions(self.pool) == before

    def set_up(self, trail: Trail, *, right: bool) -> None:
        """Set up an app in the middle of a sign-in; not `right` is to answer without its code."""
        begun = self.wire.call("AssociateSoftwareToken", {"Session": trail.session or ""})
        if begun.error:
            assert not self.well(trail, Reply({})) or self.locked(trail), begun.body
            return
        body = json.loads(begun.body)
        after = replace(trail, session=body["Session"], ends_at=self.world.clock.now() + STEP_LIFE)
        self.move(trail, after)
        code = shown(self.world, body["SecretCode"])
        verify = {"Session": after.session, "UserCode": code if right else wrong(code)}
        verified = self.wire.call("VerifySoftwareToken", verify)
        if verified.error:
            assert not right or self.locked(after), verified.body
            assert self.respond(after, {}).error, "the app was not verified"
            return
        assert right
        self.note_app(trail.person, body["SecretCode"])
        trail.person.on.add(TOTP)
        last = replace(after, session=json.loads(verified.body)["Session"], changes=trail.person.changes)
        self.move(after, last)
        self.settle(last, Reply({}, "totp"), partial(self.respond, last, {}), right=True)

    def reply(self, trail: Trail, pick: int) -> Reply:
        """Return the right answer to what is asked; where there is a choice, the one that was picked."""
        person = trail.person
        match trail.challenge:
            case "NEW_PASSWORD_REQUIRED":
                return Reply({"NEW_PASSWORD": self.new_password()})
            case "SOFTWARE_TOKEN_MFA":
                if self.world.clock.now() // STEP <= person.last_step:
                    self.world.clock.advance(STEP)
                return Reply({"SOFTWARE_TOKEN_MFA_CODE": shown(self.world, person.totp or "MFRGGZDF")}, "totp")
            case "SELECT_MFA_TYPE":
                choices = json.loads(trail.asked["MFAS_CAN_CHOOSE"])
                return Reply({"ANSWER": choices[pick % len(choices)]})
            case "SELECT_CHALLENGE":
                chosen = trail.available[pick % len(trail.available)]
                with_it = {"PASSWORD": ANSWERS["PASSWORD"], "PASSWORD_SRP": ANSWERS["PASSWORD_SRP"]}.get(chosen)
                more = with_it(trail, "") if with_it is not None and pick > 4 else Reply({})
                return Reply({"ANSWER": chosen, **more.given}, more.proves)
        return ANSWERS[trail.challenge](trail, self.pool.pool_id.partition("_")[2])

    def used(self, person: Person) -> str:
        """Return the code of an app that was used last: one step old, it would be good for another one."""
        return shown(self.world, person.totp, later=person.last_step - self.world.clock.now() // STEP)

    def respond(self, trail: Trail, given: dict[str, str], *, name: str = "", client: str = "") -> Answer:
        """Call RespondToAuthChallenge."""
        request: dict[str, Any] = {
            "ClientId": client or trail.client,
            "ChallengeName": trail.challenge,
            "ChallengeResponses": {"USERNAME": name or trail.person.name, **given},
        }
        return self.wire.call(
            "RespondToAuthChallenge", request if trail.session is None else {**request, "Session": trail.session}
        )

    # What must come of it.

    def settle(self, trail: Trail, reply: Reply, send: Callable[[], Answer], *, right: bool) -> None:
        """Send an answer and hold what comes of it against what the walk knows."""
        locked, before = self.locked(trail), count_of_sessions(self.pool)
        answer = send()
        body = json.loads(answer.body)
        tokens = body.get("AuthenticationResult") if not answer.error else None
        assert count_of_sessions(self.pool) == before + (tokens is not None)
        if answer.error:
            due = right and not locked and self.well(trail, reply)
            assert not due or answer.error in LIMITS, f"{trail.flow} {trail.challenge} {trail.proved}: {answer.body}"
            self.note_refusal(trail, reply, answer.error)
            return

        assert self.world.clock.now() < trail.ends_at
        asked = body.get("ChallengeName", "")
        gains = right and reply.proves and not (trail.challenge == "" and asked == "SELECT_CHALLENGE")
        if not right and trail.challenge == "CUSTOM_CHALLENGE":
            assert asked == "CUSTOM_CHALLENGE"
        elif not right:
            assert (trail.challenge, asked) == ("", "SELECT_CHALLENGE"), answer.body
        self.note_effects(trail, reply)
        proved = (*trail.proved, reply.proves) if gains else trail.proved
        trail_on = replace(trail, proved=proved, version=self.version_after(trail))
        self.move(trail, None if tokens is not None else self.asked(trail_on, body))
        if tokens is not None:
            self.admitted(trail_on, tokens, locked=locked)

    def note_refusal(self, trail: Trail, reply: Reply, error: str) -> None:
        """Keep what a refused answer changed: it may be what follows that was refused, or the answer was used up."""
        if trail.challenge == "NEW_PASSWORD_REQUIRED" and error in LIMITS:
            self.note_effects(trail, reply)
            self.move(trail, None)
        if trail.challenge == "CUSTOM_CHALLENGE":
            self.move(trail, None)

    def version_after(self, trail: Trail) -> int:
        return trail.person.version if trail.challenge == "NEW_PASSWORD_REQUIRED" else trail.version

    def note_effects(self, trail: Trail, reply: Reply) -> None:
        """Keep what a right answer changed."""
        person = trail.person
        if trail.challenge == "NEW_PASSWORD_REQUIRED":
            assert trail.version == person.version
            person.password, person.status = reply.given["NEW_PASSWORD"], "CONFIRMED"
            person.version += 1
        if "SOFTWARE_TOKEN_MFA_CODE" in reply.given:
            step = self.world.clock.now() // STEP
            assert step > person.last_step, "a code was used twice"
            person.last_step = step

    def asked(self, trail: Trail, body: dict[str, Any]) -> Trail:
        """Return the trail at the challenge that came."""
        challenge = body["ChallengeName"]
        to = {"SMS_MFA": trail.person.phone, "SMS_OTP": trail.person.phone, "EMAIL_OTP": trail.person.email}
        ghostly = challenge in to and not trail.person.exists
        return replace(
            trail,
            challenge=challenge,
            asked=body["ChallengeParameters"],
            session=body.get("Session"),
            available=tuple(body.get("AvailableChallenges") or ()),
            code="00000000" if ghostly else self.world.code(to[challenge]) if challenge in to else "",
            ends_at=self.world.clock.now() + STEP_LIFE,
            changes=trail.person.changes,
            rules=self.demands,
        )

    def move(self, trail: Trail, after: Trail | None) -> None:
        """Take a trail for used up, and go on with what came of it."""
        if trail.challenge:
            self.waiting = [one for one in self.waiting if one is not trail]
            self.spent = [*self.spent[-9:], trail]
        if after is not None:
            self.waiting = [*self.waiting[-5:], after]

    def admitted(self, trail: Trail, tokens: dict[str, Any], *, locked: bool) -> None:
        """Hold tokens against everything that was proved, and against pool and user as they are now."""
        person, proved = trail.person, trail.proved
        claims = claims_of(tokens["AccessToken"])
        assert (claims["sub"], claims["client_id"]) == (person.sub, trail.client)
        assert (person.exists, person.enabled, locked) == (True, True, False)
        assert person.version == trail.version
        assert person.status == "CONFIRMED" or (
            person.status == "FORCE_CHANGE_PASSWORD" and "custom" in proved and "password" not in proved
        )
        assert set(proved) - {"device"}
        assert not trail.flow.startswith("CUSTOM_AUTH") or "custom" in proved
        assert trail.flow != "CUSTOM_AUTH, SRP_A" or "password" in proved
        assert not person.second_is_due(self.demands, proved), f"{trail.flow} {proved} {self.demands}"
        self.reached[f"{trail.flow.partition(',')[0]}: {' '.join(proved)}"] += 1
        self.access[person.name] = tokens["AccessToken"]
        if "NewDeviceMetadata" in tokens and person.device is None:
            self.confirm_device(person, tokens)

    def confirm_device(self, person: Person, tokens: dict[str, Any]) -> None:
        key, group = tokens["NewDeviceMetadata"]["DeviceKey"], tokens["NewDeviceMetadata"]["DeviceGroupKey"]
        device = Device(key, group, f"secret-of-{key}")
        request = {"AccessToken": tokens["AccessToken"], "DeviceKey": key}
        confirmed = self.wire.call("ConfirmDevice", {**request, "DeviceSecretVerifierConfig": verifier_of(device)})
        assert not confirmed.error, confirmed.body
        person.device = device

    def well(self, trail: Trail, reply: Reply) -> bool:
        """Say whether nothing stands against a right answer: then it must not be refused."""
        person = trail.person
        state = (person.version, person.changes, self.demands)
        if not person.exists or not person.enabled or state != (trail.version, trail.changes, trail.rules):
            return False
        if self.world.clock.now() >= trail.ends_at:
            return False
        proofs = {reply.proves, *trail.proved}
        by_code = bool({"sms", "email", "passkey"} & proofs) and not {"password", "custom"} & proofs
        return person.status == "CONFIRMED" or (person.status == "FORCE_CHANGE_PASSWORD" and not by_code)

    def locked(self, trail: Trail) -> bool:
        """Say whether a lock holds for whom a trail is about: a remembered device has one of its own while it counts."""
        sql = "SELECT MAX(locked_until) FROM lockouts WHERE pool_id = $1 AND subject_id = $2 AND bucket = $3"
        person = trail.person
        counts = self.demands.devices is not None and person.device is not None and person.device.key == trail.device
        until = self.world.rows(sql, self.pool.pool_id, person.sub, trail.device if counts else "")[0][0]
        return until is not None and until > self.world.clock.now()


def test_tokens_come_of_the_proofs_that_are_demanded(world: World) -> None:
    """attacks.md 1-6, 25, 38-49: no tokens without what pool and user demand then, no state and no code twice.

    What is right is not refused either, and the walks did come through by passwords, codes, apps and the pool's code.
    """
    reached = Counter[str]()
    with pytest.MonkeyPatch.context() as patched, running_code(world, patched, Code()):
        walk(partial(SignInWalk, world, reached), examples=25, steps=40)
    flows, proofs = zip(*(way.split(": ") for way in reached), strict=True)
    assert set(flows) == {flow.partition(",")[0] for flow in STARTS}
    assert {"password", "custom", "sms", "email", "totp", "device"} <= {
        one for proof in proofs for one in proof.split()
    }
