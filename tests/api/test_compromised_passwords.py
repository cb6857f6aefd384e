"""What becomes of a password that everybody knows, at each door by which one becomes somebody's? (attacks.md 30)."""

from functools import partial
from typing import Any

import pytest

from api.happenings import happened
from api.known_passwords import ADA, LISTED, REFUSED, RESET, Looks, mode, protected, with_ada
from api.signing_in import INCORRECT, begin, respond, srp_proof
from api.world import FLOWS, PASSWORD, ClientOfTests, World, refused
from poolkeeper.risk.compromised import known_passwords

EVENT = "CompromisedPassword"
MISMATCH = ("CodeMismatchException", "Invalid verification code provided, please try again.")
NEW = "Walk-in-3-gardens"


def sign_up(client: ClientOfTests, password: str) -> object:
    return client.sign_up("eve", password=password, email="eve@x.example")


def change(client: ClientOfTests, password: str) -> object:
    client.pool.user("ada")
    token = client.tokens("ada")["AccessToken"]
    return client.world.unsigned.change_password(
        AccessToken=token, PreviousPassword=PASSWORD, ProposedPassword=password
    )


def reset(client: ClientOfTests, password: str) -> object:
    client.pool.user("ada", email=ADA, email_verified="true")
    client.world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    return confirm_reset(client, client.world.code(ADA), password)


def confirm_reset(client: ClientOfTests, code: str, password: str, *, name: str = "ada") -> object:
    return client.world.unsigned.confirm_forgot_password(
        ClientId=client.client_id, Username=name, ConfirmationCode=code, Password=password
    )


def by_administrator(client: ClientOfTests, password: str) -> object:
    client.pool.user("ada")
    return client.pool.admin("admin_set_user_password", "ada", Password=password, Permanent=True)


def by_challenge(client: ClientOfTests, password: str) -> object:
    client.pool.user("ada", permanent=False)
    session = client.sign_in("ada")["Session"]
    return client.respond("NEW_PASSWORD_REQUIRED", session, USERNAME="ada", NEW_PASSWORD=password)


DOORS = {
    sign_up: "SIGN_UP",
    change: "PASSWORD_CHANGE",
    reset: "PASSWORD_CHANGE",
    by_administrator: "PASSWORD_CHANGE",
    by_challenge: "PASSWORD_CHANGE",
}


def status(client: ClientOfTests) -> str:
    """Return the status of ada."""
    return str(client.pool.admin("admin_get_user", "ada")["UserStatus"])


def told(client: ClientOfTests) -> list[tuple[str, str]]:
    """Return of each event at what a known password was given, and whether that was blocked."""
    return [(one["about"]["at"], one["about"]["blocked"]) for one in happened(client.world, client.pool, EVENT)]


@pytest.mark.parametrize("door", DOORS)
def test_where_it_is_enforced_a_listed_password_is_nobodys(world: World, door: Any) -> None:
    """By AWS's sentence, whoever chooses it; another one is taken."""
    assert refused(lambda: door(protected(world).client(), LISTED)) == REFUSED
    door(protected(world).client(), NEW)


@pytest.mark.parametrize("door", DOORS)
def test_where_it_is_audited_it_is_taken_and_told(world: World, door: Any) -> None:
    """Nothing else comes of it; and in a pool without threat protection not even that."""
    client = protected(world, "AUDIT").client()
    door(client, LISTED)
    assert told(client) == [(DOORS[door], "no")]
    client = protected(world, "OFF").client()
    door(client, LISTED)
    assert told(client) == []


def test_a_pool_without_threat_protection_pays_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No look at any list, and no turn in the queue of hashes."""
    looks = Looks()
    monkeypatch.setattr(known_passwords, "is_listed", looks)
    client = world.pool().client()
    before = world.hashes()
    client.sign_up("eve")
    client.pool.user("ada", permanent=False)
    hashed = world.hashes() - before
    assert (hashed, looks.passwords) == (2, [])


def test_what_was_blocked_is_told_without_the_password(world: World) -> None:
    """The event names the door; neither the log nor the answer has the password."""
    client = protected(world).client()
    seen = len(world.log)
    refused(lambda: sign_up(client, LISTED))
    assert told(client) == [("SIGN_UP", "yes")]
    assert LISTED.encode() not in b"".join(world.log[seen:])


def test_a_refused_sign_up_asks_no_function_and_sends_nothing(world: World) -> None:
    """It is judged before anything is done, so the same name can be taken with another password."""
    client = protected(world).client()
    before = world.outbox()
    assert refused(lambda: sign_up(client, LISTED)) == REFUSED
    assert world.sent_since(before) == []
    assert sign_up(client, NEW)


def test_a_refused_reset_leaves_the_code(world: World) -> None:
    """Whoever chooses another password with it comes through."""
    client = protected(world).client()
    assert refused(lambda: reset(client, LISTED)) == REFUSED
    confirm_reset(client, world.code(ADA), NEW)
    assert client.tokens("ada", NEW)


def test_a_temporary_password_may_be_any(world: World) -> None:
    """It is replaced at the first sign-in, by one that may not."""
    client = protected(world).client()
    client.pool.user("ada", password=LISTED, permanent=False)
    session = client.sign_in("ada", LISTED)["Session"]
    again = partial(client.respond, "NEW_PASSWORD_REQUIRED", session, USERNAME="ada")
    assert refused(lambda: again(NEW_PASSWORD=LISTED)) == REFUSED
    assert again(NEW_PASSWORD=NEW)["AuthenticationResult"]
    assert told(client) == [("SIGN_IN", "no"), ("PASSWORD_CHANGE", "yes")]


def by_password(client: ClientOfTests, password: str) -> dict[str, Any]:
    return begin(client, "USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=password)


def by_administrators_call(client: ClientOfTests, password: str) -> dict[str, Any]:
    return begin(client, "ADMIN_USER_PASSWORD_AUTH", admin=True, USERNAME="ada", PASSWORD=password)


def by_choice(client: ClientOfTests, password: str) -> dict[str, Any]:
    return begin(client, "USER_AUTH", USERNAME="ada", PREFERRED_CHALLENGE="PASSWORD", PASSWORD=password)


def by_choice_later(client: ClientOfTests, password: str) -> dict[str, Any]:
    asked = begin(client, "USER_AUTH", USERNAME="ada")
    return respond(client, "SELECT_CHALLENGE", asked["Session"], USERNAME="ada", ANSWER="PASSWORD", PASSWORD=password)


FLOWS_OF_PASSWORDS = [by_password, by_administrators_call, by_choice, by_choice_later]
ALLOWED = {"ExplicitAuthFlows": [*FLOWS, "ALLOW_USER_AUTH"]}


@pytest.mark.parametrize("flow", FLOWS_OF_PASSWORDS)
def test_whoever_signs_in_by_a_listed_password_has_to_choose_another(world: World, flow: Any) -> None:
    """RESET_REQUIRED from then on, in every flow; sessions end, and a code brings the user back."""
    client = with_ada(world, LISTED, "AUDIT", **ALLOWED)
    held = client.tokens("ada", LISTED)
    world.signed.update_user_pool(UserPoolId=client.pool.pool_id, AutoVerifiedAttributes=["email"], **mode("ENFORCED"))

    assert refused(lambda: flow(client, LISTED)) == RESET
    assert status(client) == "RESET_REQUIRED"
    assert refused(lambda: flow(client, LISTED)) == RESET
    assert refused(lambda: client.respond("PASSWORD_VERIFIER", **srp_proof(client, "ada", LISTED))) == RESET
    assert refused(lambda: world.unsigned.get_user(AccessToken=held["AccessToken"]))[0] == "NotAuthorizedException"
    assert refused(lambda: flow(client, "Wrong-password-0")) == INCORRECT

    world.clock.advance(1_000)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    confirm_reset(client, world.code(ADA), NEW)
    assert flow(client, NEW)["AuthenticationResult"]
    assert told(client) == [("SIGN_IN", "no"), ("SIGN_IN", "yes"), ("SIGN_IN", "no")]


def test_where_it_is_audited_a_sign_in_by_a_listed_password_is_told_and_goes_on(world: World) -> None:
    """The user stays confirmed."""
    client = with_ada(world, LISTED, "AUDIT")
    assert client.tokens("ada", LISTED)
    assert (status(client), told(client)) == ("CONFIRMED", [("SIGN_IN", "no")])


def test_srp_sends_no_password_that_could_be_looked_at(world: World) -> None:
    """As at AWS: such a sign-in goes on, and nothing is recorded (identity-security.md 4.1)."""
    client = with_ada(world, LISTED)
    assert client.respond("PASSWORD_VERIFIER", **srp_proof(client, "ada", LISTED))["AuthenticationResult"]
    assert (status(client), told(client)) == ("CONFIRMED", [])


def test_nobody_is_confirmed_or_let_out_by_it(world: World) -> None:
    """A user who is not confirmed, or disabled, stays that and is answered so."""
    pool = world.pool(AutoVerifiedAttributes=["email"])
    client = pool.client()
    client.sign_up("ada", password=LISTED, email=ADA)
    world.signed.update_user_pool(UserPoolId=pool.pool_id, AutoVerifiedAttributes=["email"], **mode("ENFORCED"))
    assert refused(lambda: client.sign_in("ada", LISTED))[0] == "UserNotConfirmedException"
    assert status(client) == "UNCONFIRMED"
    pool.admin("admin_confirm_sign_up", "ada")
    pool.admin("admin_disable_user", "ada")
    assert refused(lambda: client.sign_in("ada", LISTED)) == ("NotAuthorizedException", "User is disabled.")
    assert status(client) == "CONFIRMED"


def test_a_wrong_password_is_not_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Known or unknown, a listed one or not: one hash, one answer, and no word in the log."""
    looks = Looks()
    monkeypatch.setattr(known_passwords, "is_listed", looks)
    client = with_ada(world, PASSWORD)
    for name in ("ada", "nobody"):
        before = world.hashes()
        assert refused(partial(client.sign_in, name, LISTED)) == INCORRECT
        assert world.hashes() - before == 1
    token = client.tokens("ada")["AccessToken"]
    looks.passwords.clear()
    wrong = partial(world.unsigned.change_password, AccessToken=token, ProposedPassword=LISTED)
    assert refused(lambda: wrong(PreviousPassword="Wrong-password-0")) == INCORRECT
    assert (looks.passwords, told(client)) == ([], [])


def test_a_reset_tells_of_nobody_whether_they_are_there(world: World) -> None:
    """A listed password is refused to all alike, another one by the code that nobody has."""
    client = with_ada(world, PASSWORD)
    for password, answer in ((LISTED, REFUSED), (NEW, MISMATCH)):
        hashes = []
        for name in ("ada", "nobody"):
            world.unsigned.forgot_password(ClientId=client.client_id, Username=name)
            before = world.hashes()
            assert refused(partial(confirm_reset, client, "000000", password, name=name)) == answer
            hashes.append(world.hashes() - before)
        assert hashes[0] == hashes[1]
        world.clock.advance(60_000)
