"""Who writes by a token whose authority ends while the request is under way? Nobody: it is read again where it is used.

Every operation that writes by an access token is told of here, and is tried with an ending that comes after the reading of
the token and before the writing. Endings that are not committed yet are in test_session_races.py.
"""

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from api.devices import confirm, tracked, verifier_of
from api.passkeys import RELYING_PARTY, passkey_client
from api.second_factors import SMS_MFA, TOTP, demand, shown
from api.signing_in import INCORRECT, at_once
from api.software_authenticator import Authenticator
from api.stage import BUILT, rows_of_pools, tables
from api.tracked_sessions import limit, name_of
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper import lookup
from poolkeeper.accounts import passwords
from poolkeeper.aws.operation import Who
from poolkeeper.heavy import Asker
from poolkeeper.lookup import Bearer

EMAIL, PHONE, NEW = "ada@x.example", "+15550100123", "Dive-in-3-lakes"
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
DISABLED = ("NotAuthorizedException", "User is disabled.")
BY_TOKEN = frozenset(one.name for one in BUILT if one.who in {Who.TOKEN, Who.TOKEN_OR_SESSION})
READS = frozenset(
    {"GetDevice", "GetUser", "GetUserAuthFactors", "ListDevices", "ListUserSessions", "ListWebAuthnCredentials"}
)


@dataclass(frozen=True)
class Bearing:
    """A user with a token, in a pool where there is something to write for every operation."""

    client: ClientOfTests
    tokens: dict[str, Any]

    @property
    def world(self) -> World:
        return self.client.world

    @property
    def token(self) -> str:
        return str(self.tokens["AccessToken"])

    @property
    def device(self) -> dict[str, str]:
        return {"DeviceKey": self.tokens["NewDeviceMetadata"]["DeviceKey"]}

    def send(self, operation: str, request: Mapping[str, Any]) -> tuple[str, str]:
        """Call an operation by the token; return (name, sentence) of its error, blanks where it is taken."""
        status, told = self.world.call(operation, {"AccessToken": self.token, **request})
        return ("", "") if status == 200 else (told["__type"], told["message"])

    def rows(self) -> dict[str, list[str]]:
        return rows_of_pools(self.world, tables(self.world), self.client.pool.pool_id)


def bearing(world: World) -> Bearing:
    policies = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "WEB_AUTHN"]}}
    pool = tracked(world, Policies=policies, AutoVerifiedAttributes=["email"])
    passkeys = {"RelyingPartyId": RELYING_PARTY, "UserVerification": "preferred"}
    demand(pool, SMS_MFA, TOTP, mode="OPTIONAL", WebAuthnConfiguration=passkeys)
    pool.user("ada", email=EMAIL, phone_number=PHONE, phone_number_verified="true", nickname="Ada")
    client = passkey_client(pool)
    limit(client, 20)
    return Bearing(client, client.tokens("ada"))


Request = dict[str, Any]


def _another_session(by: Bearing) -> Request:
    return {"SessionId": name_of(by.client.tokens("ada"))}


def _code_sent(by: Bearing) -> Request:
    by.world.clock.advance(1_000)
    by.world.unsigned.get_user_attribute_verification_code(AccessToken=by.token, AttributeName="email")
    return {"AttributeName": "email", "Code": by.world.code(EMAIL)}


def _app_associated(by: Bearing) -> Request:
    secret = by.world.unsigned.associate_software_token(AccessToken=by.token)["SecretCode"]
    return {"UserCode": shown(by.world, secret)}


def _key_made(by: Bearing) -> Request:
    begun = by.world.unsigned.start_web_authn_registration(AccessToken=by.token)
    return {"Credential": Authenticator().create(begun["CredentialCreationOptions"])}


def _key_kept(by: Bearing) -> Request:
    by.world.unsigned.complete_web_authn_registration(AccessToken=by.token, **_key_made(by))
    kept = by.world.unsigned.list_web_authn_credentials(AccessToken=by.token)["Credentials"]
    return {"CredentialId": kept[0]["CredentialId"]}


def _device_confirmed(by: Bearing) -> Request:
    confirm(by.world, by.tokens)
    return by.device


# fmt: off
WRITES: Mapping[str, Callable[[Bearing], Request]] = {
    # operation                         what is made for it, and what it is asked with
    "AssociateSoftwareToken":           lambda by: {},
    "ChangePassword":                   lambda by: {"PreviousPassword": PASSWORD, "ProposedPassword": NEW},
    "CompleteWebAuthnRegistration":     _key_made,
    "ConfirmDevice":                    lambda by: {**by.device, "DeviceSecretVerifierConfig": verifier_of(by.tokens["NewDeviceMetadata"])[1]},
    "DeleteUser":                       lambda by: {},
    "DeleteUserAttributes":             lambda by: {"UserAttributeNames": ["nickname"]},
    "DeleteWebAuthnCredential":         _key_kept,
    "ForgetDevice":                     _device_confirmed,
    "GetUserAttributeVerificationCode": lambda by: {"AttributeName": "email"},
    "GlobalSignOut":                    lambda by: {},
    "RevokeUserSession":                _another_session,
    "SetUserMFAPreference":             lambda by: {"SMSMfaSettings": {"Enabled": True}},
    "SetUserSettings":                  lambda by: {"MFAOptions": [{"DeliveryMedium": "SMS", "AttributeName": "phone_number"}]},
    "StartWebAuthnRegistration":        lambda by: {},
    "UpdateDeviceStatus":               lambda by: {**_device_confirmed(by), "DeviceRememberedStatus": "not_remembered"},
    "UpdateUserAttributes":             lambda by: {"UserAttributes": [{"Name": "email", "Value": "thief@y.example"}]},
    "VerifySoftwareToken":              _app_associated,
    "VerifyUserAttribute":              _code_sent,
}
ENDINGS = {
    # what happens meanwhile            how, and how that is undone by the test                                    told
    "the session is ended":    (("sessions", "revoked_at = 1"), ("sessions", "revoked_at = NULL"),                     REVOKED),
    "the user is disabled":    (("users", "enabled = 0"), ("users", "enabled = 1"),                                    DISABLED),
    "a reset is demanded":     (("users", "status = 'RESET_REQUIRED'"), ("users", "status = 'CONFIRMED'"),             INCORRECT),
    "the password is another": (("users", "credential_version = 9"), ("users", "credential_version = 2"),              INCORRECT),
}
# fmt: on


def test_every_operation_by_token_is_told_of_here() -> None:
    """One that is built later has to say whether it writes, and if so how it is tried."""
    assert READS.isdisjoint(WRITES)
    assert READS | set(WRITES) == BY_TOKEN


@pytest.mark.parametrize("operation", WRITES)
def test_what_ends_after_the_first_reading_is_refused_and_changes_nothing(world: World, operation: str) -> None:
    """Whatever ends the authority of a token between reading and writing; the same request is taken where nothing does."""
    by = bearing(world)
    request = WRITES[operation](by)
    for meanwhile, (end, undo, told) in ENDINGS.items():
        _alter(by, *end)
        ended = by.rows()
        _alter(by, *undo)
        with between(by, end):
            assert by.send(operation, request) == told, meanwhile
        assert by.rows() == ended, meanwhile
        _alter(by, *undo)
    assert by.send(operation, request) == ("", "")


@pytest.mark.parametrize("operation", sorted(READS))
def test_what_is_said_to_read_writes_nothing(world: World, operation: str) -> None:
    """So that none stands with the readers to be let off."""
    by = bearing(world)
    known = _device_confirmed(by)
    before = by.rows()
    assert by.send(operation, known if operation == "GetDevice" else {}) == ("", "")
    assert by.rows() == before


def _alter(by: Bearing, table: str, assignment: str) -> None:
    sql = f"UPDATE {table} SET {assignment} WHERE pool_id = $1"
    by.world.run(lambda: by.world.house.db.execute(sql, by.client.pool.pool_id))


@contextmanager
def between(by: Bearing, end: tuple[str, str]) -> Iterator[None]:
    """Let an ending be committed right after a request has read what its token leads to."""
    read, (table, assignment) = lookup.bearer, end
    sql = f"UPDATE {table} SET {assignment} WHERE pool_id = $1"

    async def read_before_the_end(call: Any, pool_id: str, session_id: str) -> Bearer | None:
        found = await read(call, pool_id, session_id)
        await call.db.execute(sql, pool_id)
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("poolkeeper.tokens.verify.bearer", read_before_the_end)
        yield


@dataclass
class Held:
    """A request of somebody's that is held in the middle of its work, until it is let go."""

    reached: threading.Event
    go_on: threading.Event

    async def here(self) -> None:
        self.reached.set()
        assert await asyncio.to_thread(self.go_on.wait, 20)


@contextmanager
def held_while_hashing(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Hold every request that is about to hash a password which somebody chose."""
    held, run = Held(threading.Event(), threading.Event()), world.house.heavy.run

    async def wait_first(asker: Asker, work: Callable[..., Any], *arguments: Any) -> Any:
        if work is passwords._derive:
            await held.here()
        return await run(asker, work, *arguments)

    with monkeypatch.context() as patched:
        patched.setattr(world.house.heavy, "run", wait_first)
        yield held


@contextmanager
def held_in_a_function(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    """Hold every request that asks a function."""
    held = Held(threading.Event(), threading.Event())

    async def invoke(arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
        await held.here()
        return dict(event)

    with monkeypatch.context() as patched:
        patched.setattr(world.house.functions, "invoke", invoke)
        yield held


def at_the_same_time(held: Held, thief: Callable[[], object], owner: Callable[[], object]) -> tuple[str, str]:
    """Let the thief begin, the owner act and end, and the thief go on; return how the thief is refused."""

    def act() -> tuple[str, str]:
        assert held.reached.wait(20)
        try:
            owner()
        finally:
            held.go_on.set()
        return "", ""

    def steal() -> tuple[str, str]:
        return refused(thief)

    return at_once([steal, act])[0]


def victim(world: World, **settings: Any) -> tuple[ClientOfTests, str]:
    """Make a user, and return with the client the token that a thief has."""
    client = world.pool(AutoVerifiedAttributes=["email"], **settings).client()
    client.pool.user("ada", email=EMAIL, email_verified="true")
    return client, client.tokens("ada")["AccessToken"]


def changing(client: ClientOfTests, token: str) -> Callable[[], object]:
    change = {"PreviousPassword": PASSWORD, "ProposedPassword": NEW}
    return partial(client.world.unsigned.change_password, AccessToken=token, **change)


def test_a_reset_is_not_undone_by_a_change_that_began_before_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thief's new password signs in nobody, and the owner's code is good."""
    client, token = victim(world)
    with held_while_hashing(world, monkeypatch) as held:
        reset = partial(client.pool.admin, "admin_reset_user_password", "ada")
        assert at_the_same_time(held, changing(client, token), reset) == REVOKED

    assert client.pool.admin("admin_get_user", "ada")["UserStatus"] == "RESET_REQUIRED"
    assert refused(lambda: client.sign_in("ada", NEW)) == INCORRECT
    code = {"ConfirmationCode": world.code(EMAIL), "Password": "Owners-own-6"}
    world.unsigned.confirm_forgot_password(ClientId=client.client_id, Username="ada", **code)
    assert client.tokens("ada", "Owners-own-6")


@pytest.mark.parametrize("ending", ["admin_user_global_sign_out", "admin_disable_user", "admin_delete_user"])
def test_a_change_of_password_does_not_survive_its_session(
    world: World, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """Signed out, disabled or deleted while the new password is hashed: it does not become the password."""
    client, token = victim(world)
    with held_while_hashing(world, monkeypatch) as held:
        end = partial(client.pool.admin, ending, "ada")
        assert at_the_same_time(held, changing(client, token), end) == REVOKED
    if ending == "admin_user_global_sign_out":
        assert client.tokens("ada")
    assert refused(lambda: client.sign_in("ada", NEW)) == INCORRECT


@pytest.mark.parametrize("ending", ["admin_user_global_sign_out", "admin_disable_user"])
def test_an_address_does_not_move_after_the_session_has_ended(
    world: World, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    """However long the pool's CustomMessage takes."""
    arn = "arn:aws:lambda:us-east-1:000000000000:function:slow"
    client, token = victim(world, LambdaConfig={"CustomMessage": arn})
    address = f"{ending.replace('_', '-')}@{world.engine}.example"
    moved = [{"Name": "email", "Value": address}]
    with held_in_a_function(world, monkeypatch) as held:
        move = partial(world.unsigned.update_user_attributes, AccessToken=token, UserAttributes=moved)
        assert at_the_same_time(held, move, partial(client.pool.admin, ending, "ada")) == REVOKED
    kept = {one["Name"]: one["Value"] for one in client.pool.admin("admin_get_user", "ada")["UserAttributes"]}
    assert (kept["email"], kept["email_verified"]) == (EMAIL, "true")
    assert world.outbox(address) == []


def test_whoever_is_disabled_resets_no_password_that_was_hashed_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ConfirmForgotPassword with the right code, held while it hashes: what the user may do is read again."""
    client, _ = victim(world)
    world.clock.advance(1_000)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    code = {"ConfirmationCode": world.code(EMAIL), "Password": NEW}
    reset = partial(world.unsigned.confirm_forgot_password, ClientId=client.client_id, Username="ada", **code)
    with held_while_hashing(world, monkeypatch) as held:
        told = at_the_same_time(held, reset, partial(client.pool.admin, "admin_disable_user", "ada"))
    assert told[0] == "CodeMismatchException"
    client.pool.admin("admin_enable_user", "ada")
    assert refused(lambda: client.sign_in("ada", NEW)) == INCORRECT
    assert client.tokens("ada")


def test_what_was_proved_before_a_reset_leads_to_no_tokens_after_it(world: World) -> None:
    """A reset outdates the credential: a Session whose password was proved before goes no further once it is undone."""
    client = world.pool(AutoVerifiedAttributes=["email"]).client()
    client.pool.user("ada", email=EMAIL, email_verified="true")
    demand(client.pool, SMS_MFA, mode="OPTIONAL")
    client.pool.admin("admin_update_user_attributes", "ada", UserAttributes=[{"Name": "phone_number", "Value": PHONE}])
    client.pool.admin("admin_set_user_mfa_preference", "ada", SMSMfaSettings={"Enabled": True})
    session = client.sign_in("ada")["Session"]
    code = world.code(PHONE)
    client.pool.admin("admin_reset_user_password", "ada")
    answer = partial(client.respond, "SMS_MFA", session, USERNAME="ada", SMS_MFA_CODE=code)
    assert refused(answer) == ("NotAuthorizedException", "Invalid session for the user.")
