"""What happens around somebody who signs in? The half of a walk that is not signing in: a pool, two people, what they do.

Administrators change the pool and its users, users reset passwords and set things up, and time passes.
"""

import json
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from api.choosing import ALLOWED
from api.second_factors import STEP, TOTP, shown, wrong
from api.signing_in import lock
from api.software_authenticator import Authenticator
from api.stage import Wire
from api.walking import CHALLENGES, RULES, Person, Rules, set_rules
from api.world import PASSWORD, World
from poolkeeper.clock import SECOND

PREFERENCES = {"SMS_MFA": "SMSMfaSettings", "EMAIL_OTP": "EmailMfaSettings", TOTP: "SoftwareTokenMfaSettings"}
CHANGES = [
    "AdminDisableUser",
    "AdminEnableUser",
    "AdminEnableUser",
    "AdminResetUserPassword",
    "AdminDeleteUser",
    "AdminForgetDevice",
    "lock",
    "a password",
    "a temporary password",
]
WHO = st.integers(0, 1)
_numbers = count(1)


class Meanwhile(RuleBasedStateMachine):
    """Two people and two clients of one pool. `access` are the newest access tokens, by name."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.wire = world, Wire(world)
        self.access: dict[str, str] = {}
        self.passwords = 0

    def make_the_pool(self) -> None:
        """Make the pool, its clients and its people."""
        self.pool = self.world.pool(LambdaConfig=CHALLENGES)
        self.clients = [self.pool.client(ExplicitAuthFlows=ALLOWED) for _ in range(2)]
        self.people = [self.join(name) for name in ("ada", "eve")]

    def join(self, name: str) -> Person:
        """Make a user with a proved address of each kind, that nobody else in any walk has."""
        number = next(_numbers)
        person = Person(name, email=f"{name}{number}@walk.example", phone=f"+1555{number:07}")
        person.sub = self.pool.user(
            name, email=person.email, email_verified="true", phone_number=person.phone, phone_number_verified="true"
        )
        return person

    @rule(rules=st.sampled_from(RULES))
    def set_rules(self, rules: Rules) -> None:
        """Set the pool otherwise."""
        set_rules(self.pool, rules)
        self.demands = rules

    @rule(who=WHO, change=st.sampled_from(CHANGES))
    def administrate(self, who: int, change: str) -> None:
        """Do something to a user: a password, a state, a lock, the device. One who is deleted comes back as another."""
        person, place = self.people[who], {"UserPoolId": self.pool.pool_id, "Username": self.people[who].name}
        person.changes += 1
        match change:
            case "AdminDisableUser" | "AdminEnableUser":
                assert not self.wire.call(change, place).error
                person.enabled = change == "AdminEnableUser"
            case "AdminResetUserPassword":
                if not self.wire.call(change, place).error:
                    person.status = "RESET_REQUIRED"
            case "AdminDeleteUser":
                assert not self.wire.call(change, place).error
                self.people[who], person.exists = self.join(person.name), False
                self.access.pop(person.name, None)
            case "AdminForgetDevice":
                if person.device and not self.wire.call(change, {**place, "DeviceKey": person.device.key}).error:
                    person.device = None
            case "lock":
                lock(self.clients[0], person.name)
            case _:
                permanent = change == "a password"
                password = self.new_password()
                assert not self.wire.call(
                    "AdminSetUserPassword", {**place, "Password": password, "Permanent": permanent}
                ).error
                person.password, person.version = password, person.version + 1
                person.status = "CONFIRMED" if permanent else "FORCE_CHANGE_PASSWORD"

    def new_password(self) -> str:
        self.passwords += 1
        return f"{PASSWORD}-{self.passwords}"

    @rule(who=WHO, method=st.sampled_from(sorted(PREFERENCES)), on=st.booleans(), preferred=st.booleans())
    def prefer(self, who: int, method: str, *, on: bool, preferred: bool) -> None:
        """Turn a method on or off, where pool and user let it."""
        person = self.people[who]
        request = {
            "UserPoolId": self.pool.pool_id,
            "Username": person.name,
            PREFERENCES[method]: {"Enabled": on, "PreferredMfa": on and preferred},
        }
        if not self.wire.call("AdminSetUserMFAPreference", request).error:
            (person.on.add if on else person.on.discard)(method)
            person.changes += 1

    @rule(who=WHO)
    def reset(self, who: int) -> None:
        """Have a code sent and set a password by it, first with a wrong code."""
        person = self.people[who]
        self.world.clock.advance(SECOND)
        name = {"ClientId": self.clients[0].client_id, "Username": person.name}
        before = self.world.outbox(person.phone)
        asked = self.wire.call("ForgotPassword", name)
        sent = self.world.sent_since(before, person.phone)
        if asked.error or not sent:
            return
        password, code = self.new_password(), str(sent[-1]["code"])
        given = {**name, "Password": password}
        assert self.wire.call("ConfirmForgotPassword", {**given, "ConfirmationCode": wrong(code)}).error
        if not self.wire.call("ConfirmForgotPassword", {**given, "ConfirmationCode": code}).error:
            person.password, person.status = password, "CONFIRMED"
            person.version += 1
            person.changes += 1

    @rule(who=WHO)
    @precondition(lambda self: self.access)
    def enrol_an_app(self, who: int) -> None:
        """Set up an authenticator app by an access token, which does not turn it on yet."""
        person = self.people[who]
        token = {"AccessToken": self.access.get(person.name, "none")}
        begun = self.wire.call("AssociateSoftwareToken", token)
        if begun.error:
            return
        secret = json.loads(begun.body)["SecretCode"]
        assert self.wire.call("VerifySoftwareToken", {**token, "UserCode": wrong(shown(self.world, secret))}).error
        if not self.wire.call("VerifySoftwareToken", {**token, "UserCode": shown(self.world, secret)}).error:
            self.note_app(person, secret)

    def note_app(self, person: Person, secret: str) -> None:
        person.totp, person.last_step = secret, self.world.clock.now() // STEP
        person.changes += 1

    @rule(who=WHO)
    @precondition(lambda self: self.access)
    def register_a_passkey(self, who: int) -> None:
        """Register a passkey, the first of a user."""
        person = self.people[who]
        token = {"AccessToken": self.access.get(person.name, "none")}
        begun = self.wire.call("StartWebAuthnRegistration", token)
        if begun.error or person.passkey is not None:
            return
        key = Authenticator()
        credential = key.create(json.loads(begun.body)["CredentialCreationOptions"])
        if not self.wire.call("CompleteWebAuthnRegistration", {**token, "Credential": credential}).error:
            person.passkey = key
            person.changes += 1

    @rule(seconds=st.sampled_from([1, 31, 60, 200, 1000]))
    def wait(self, seconds: int) -> None:
        self.world.clock.advance(seconds * SECOND)

    def teardown(self) -> None:
        self.wire.close()
