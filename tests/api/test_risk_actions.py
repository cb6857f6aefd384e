"""What is done about risk: nothing that a client sees in AUDIT, a second factor or a closed door in ENFORCED pools.

Source: identity-security.md 4.1. The judge is the test's own.
"""

from functools import partial
from typing import Any

import pytest

from api import choosing, devices, passkeys, second_factors
from api.second_factors import EMAIL, EMAIL_OTP, PHONE, SMS_MFA, TOTP
from api.signing_in import INCORRECT, srp_sign_in
from api.watched import act, events, judging, outcomes, watched, with_ada
from api.world import PASSWORD, ClientOfTests, World, refused
from poolkeeper.clock import HOUR
from poolkeeper.risk.judge import Judgement, Level
from poolkeeper.risk.observation import Observation

KEPT_OUT = ("NotAuthorizedException", "Unable to login because of security reasons.")
LOCKED = ("NotAuthorizedException", "Password attempts exceeded")
WATCHED: dict[str, Any] = {"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}
HIGH = Level.HIGH


def test_right_wrong_and_unknown_are_told_the_same_at_the_same_cost(world: World) -> None:
    """One hash each; the event of the one who is there has failed, and teaches nothing."""
    pool = watched(world)
    client = with_ada(pool)
    act(pool, High="BLOCK")
    told, costs = set(), set()
    with judging(world, HIGH):
        for name, password in (("ada", PASSWORD), ("ada", "another"), ("nobody", PASSWORD)):
            before = world.hashes()
            told.add(refused(partial(client.sign_in, name, password)))
            costs.add(world.hashes() - before)
    assert (told, costs) == ({KEPT_OUT}, {1})
    assert outcomes(pool) == ["Fail", "Fail"]
    assert events(pool)[0]["EventRisk"] == {"RiskDecision": "AccountTakeover", "RiskLevel": "High"}
    assert "ChallengeResponses" not in events(pool)[0] or events(pool)[0]["ChallengeResponses"] == []
    assert world.rows("SELECT 1 FROM auth_history WHERE pool_id = $1 AND kind = 'profile'", pool.pool_id) == []


@pytest.mark.parametrize("password", [PASSWORD, "another"])
def test_the_lockout_counts_on(world: World, password: str) -> None:
    """Right ones as well as wrong ones: by when the lock comes nobody learns which it was."""
    pool = watched(world)
    client = with_ada(pool)
    act(pool, High="BLOCK")
    with judging(world, HIGH):
        met = [refused(partial(client.sign_in, "ada", password)) for _ in range(6)]
    assert met == [*[KEPT_OUT] * 5, LOCKED]


def test_srp_is_kept_out_as_a_password_is(world: World) -> None:
    """The exchange goes its way, and its proof is refused whatever it was."""
    pool = watched(world)
    client = with_ada(pool)
    act(pool, High="BLOCK")
    with judging(world, HIGH):
        for password in (PASSWORD, "another"):
            assert refused(partial(srp_sign_in, client, "ada", password)) == KEPT_OUT
    assert outcomes(pool) == ["Fail", "Fail"]
    world.clock.advance(HOUR)
    assert "AuthenticationResult" in srp_sign_in(client, "ada", PASSWORD)


def test_nobody_who_is_kept_out_is_sent_a_code(world: World) -> None:
    """A sign-in by code is refused before anything goes out, somebody's and nobody's."""
    choice = {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}}
    client = watched(world, Policies=choice).client(ExplicitAuthFlows=choosing.ALLOWED)
    client.pool.user("ada", email=EMAIL, email_verified="true")
    act(client.pool, High="BLOCK")
    before = world.outbox()
    with judging(world, HIGH):
        for name in ("ada", "nobody"):
            ask = partial(client.initiate, "USER_AUTH", USERNAME=name, PREFERRED_CHALLENGE="EMAIL_OTP")
            assert refused(ask) == KEPT_OUT
    assert world.sent_since(before, EMAIL) == []


def test_a_passkey_gets_in(world: World) -> None:
    """Whoever is made risky on purpose is not shut out by that: no stranger has the passkey."""
    owner = passkeys.with_passkey(world, **WATCHED)
    act(owner.client.pool, High="BLOCK")
    with judging(world, HIGH):
        options, session = owner.challenged()
        answer = owner.answer(session, owner.authenticator.get(options))
    assert "AuthenticationResult" in answer


def test_a_remembered_device_gets_in(world: World) -> None:
    """It is named at the beginning and proves itself at the end; naming one that is not remembered helps nobody."""
    client = devices.tracked(world, **WATCHED).client()
    client.pool.user("ada")
    device = devices.new_device(client, "ada")
    act(client.pool, High="BLOCK")
    with judging(world, HIGH) as seen:
        proof = devices.begun(client, "ada", device, devices.asked(client, "ada", device))
        assert "AuthenticationResult" in client.respond("DEVICE_PASSWORD_VERIFIER", **proof)
        assert seen[-1].known_device
        assert refused(partial(client.sign_in, "ada")) == KEPT_OUT
        assert refused(partial(client.sign_in, "ada", DEVICE_KEY=f"{device.key[:-4]}0000")) == KEPT_OUT


def test_a_blocked_range_keeps_out_whoever_comes(world: World) -> None:
    """Listed by the operator: no passkey helps there, and no action has to be set; a skipped range is never acted on."""
    owner = passkeys.with_passkey(world, **WATCHED)
    act(owner.client.pool, High="BLOCK")
    world.clock.advance(1_000)
    with judging(world, lambda _: Judgement(Level.NONE, 0.0, (), "blocked")):
        options, session = owner.challenged()
        assert refused(partial(owner.answer, session, owner.authenticator.get(options))) == KEPT_OUT
    assert events(owner.client.pool)[0]["EventRisk"] == {"RiskDecision": "Block"}
    with judging(world, lambda _: Judgement(HIGH, 0.9, (), "skipped")):
        options, session = owner.challenged()
        assert "AuthenticationResult" in owner.answer(session, owner.authenticator.get(options))


def test_ranges_are_those_of_the_configuration(world: World) -> None:
    """As the judge of the house reads them: blocked wins, and one range more skips what would be judged."""
    pool = watched(world)
    client = with_ada(pool)
    own = {"BlockedIPRangeList": ["127.0.0.0/8"], "SkippedIPRangeList": ["127.0.0.1/32"]}
    world.signed.set_risk_configuration(UserPoolId=pool.pool_id, RiskExceptionConfiguration=own)
    assert refused(partial(client.sign_in, "ada")) == KEPT_OUT
    world.signed.set_risk_configuration(
        UserPoolId=pool.pool_id, RiskExceptionConfiguration={"BlockedIPRangeList": ["192.0.2.0/24"]}
    )
    assert "AuthenticationResult" in client.sign_in("ada")


def test_a_blocked_range_signs_nobody_up(world: World) -> None:
    """As at AWS ("IP address allowlist and denylist"); where the pool only watches it does."""
    pool = watched(world)
    own = {"BlockedIPRangeList": ["127.0.0.0/8"]}
    world.signed.set_risk_configuration(UserPoolId=pool.pool_id, RiskExceptionConfiguration=own)
    assert refused(partial(pool.client().sign_up, "eve")) == KEPT_OUT
    world.signed.update_user_pool(UserPoolId=pool.pool_id, UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"})
    assert pool.client().sign_up("eve")["UserSub"]


@pytest.mark.parametrize("action", ["MFA_IF_CONFIGURED", "MFA_REQUIRED"])
def test_a_second_factor_is_asked_for_though_it_is_turned_off(world: World, action: str) -> None:
    """The app that a user has set up is asked for in a risky sign-in alone."""
    pool = second_factors.pool_with(world, TOTP, mode="OPTIONAL", **WATCHED)
    client = with_ada(pool)
    secret = second_factors.enrol(client, "ada")
    off = {"SoftwareTokenMfaSettings": {"Enabled": False, "PreferredMfa": False}}
    pool.admin("admin_set_user_mfa_preference", "ada", **off)
    act(pool, Medium=action)
    assert "AuthenticationResult" in client.sign_in("ada")
    with judging(world, Level.MEDIUM):
        session = second_factors.asked(client, TOTP)["Session"]
        answer = second_factors.give(client, TOTP, session, second_factors.shown(world, secret))
    assert "AuthenticationResult" in answer
    assert outcomes(pool)[0] == "Pass"


def test_codes_to_proved_addresses_are_second_factors_too(world: World) -> None:
    """A phone that was proved is asked although its MFA is off; one that was not is none."""
    pool = second_factors.pool_with(world, SMS_MFA, EMAIL_OTP, mode="OPTIONAL", **WATCHED)
    client = with_ada(pool, phone_number=PHONE, phone_number_verified="true", email=EMAIL)
    act(pool, Medium="MFA_REQUIRED")
    with judging(world, Level.MEDIUM):
        session = second_factors.asked(client, SMS_MFA)["Session"]
        assert "AuthenticationResult" in second_factors.give(client, SMS_MFA, session, world.code(PHONE))


def test_without_a_second_factor_one_is_let_in_or_kept_out(world: World) -> None:
    """MFA_IF_CONFIGURED lets in, MFA_REQUIRED keeps out, and a wrong password is told the same as a right one then."""
    pool = second_factors.pool_with(world, TOTP, mode="OPTIONAL", **WATCHED)
    client = with_ada(pool)
    act(pool, Low="MFA_IF_CONFIGURED", High="MFA_REQUIRED")
    with judging(world, Level.LOW):
        assert "AuthenticationResult" in client.sign_in("ada")
    with judging(world, HIGH):
        for password in (PASSWORD, "another"):
            assert refused(partial(client.sign_in, "ada", password)) == KEPT_OUT


def test_a_sign_in_that_moves_on_to_another_network_is_judged_anew(world: World) -> None:
    """The higher of two levels stays: nobody begins at a good address to end at a bad one, nor the other way round."""
    pool = second_factors.pool_with(world, TOTP, mode="OPTIONAL", **WATCHED)
    client = with_ada(pool)
    secret = second_factors.enrol(client, "ada")
    act(pool, High="BLOCK")

    def by_address(observation: Observation) -> Level:
        return HIGH if observation.address == "198.51.100.7" else Level.NONE

    def step(operation: str, address: str, **more: Any) -> dict[str, Any]:
        context = {"IpAddress": address, "ServerName": "app", "ServerPath": "/", "HttpHeaders": []}
        ids = {"UserPoolId": pool.pool_id, "ClientId": client.client_id, "ContextData": context}
        answer: dict[str, Any] = getattr(world.signed, operation)(**ids, **more)
        return answer

    def begun(address: str) -> str:
        second_factors.next_codes(world)
        given = {"USERNAME": "ada", "PASSWORD": PASSWORD}
        flow = "ADMIN_USER_PASSWORD_AUTH"
        return str(step("admin_initiate_auth", address, AuthFlow=flow, AuthParameters=given)["Session"])

    def ended(address: str, session: str) -> dict[str, Any]:
        given = {"USERNAME": "ada", f"{TOTP}_CODE": second_factors.shown(world, secret)}
        more = {"ChallengeName": TOTP, "ChallengeResponses": given, "Session": session}
        return step("admin_respond_to_auth_challenge", address, **more)

    with judging(world, by_address):
        session = begun("192.0.2.1")
        assert refused(partial(ended, "198.51.100.7", session)) == KEPT_OUT
        assert refused(partial(begun, "198.51.100.7")) == KEPT_OUT
        assert "AuthenticationResult" in ended("192.0.2.1", begun("192.0.2.1"))


def test_a_device_that_is_forgotten_meanwhile_stands_for_no_second_factor(world: World) -> None:
    """Whoever named it at the beginning is asked what everybody is asked."""
    pool = second_factors.pool_with(world, TOTP, mode="OPTIONAL", DeviceConfiguration=devices.ALWAYS, **WATCHED)
    client = pool.client(ExplicitAuthFlows=choosing.ALLOWED)
    pool.user("ada")
    second_factors.enrol(client, "ada")
    off = {"SoftwareTokenMfaSettings": {"Enabled": False, "PreferredMfa": False}}
    pool.admin("admin_set_user_mfa_preference", "ada", **off)
    device = devices.new_device(client, "ada")
    act(pool, High="MFA_IF_CONFIGURED")
    with judging(world, HIGH):
        choice = client.initiate("USER_AUTH", USERNAME="ada", DEVICE_KEY=device.key)
        pool.admin("admin_forget_device", "ada", DeviceKey=device.key)
        answer = client.respond(
            "SELECT_CHALLENGE", choice["Session"], USERNAME="ada", ANSWER="PASSWORD", PASSWORD=PASSWORD
        )
    assert answer.get("ChallengeName") == TOTP
    assert "AuthenticationResult" not in answer


def test_a_device_moves_on_to_no_range_that_is_blocked(world: World) -> None:
    """Its proof is the last step, and where that comes from counts."""
    client = devices.tracked(world, **WATCHED).client()
    client.pool.user("ada")
    device = devices.new_device(client, "ada")
    world.signed.set_risk_configuration(
        UserPoolId=client.pool.pool_id, RiskExceptionConfiguration={"BlockedIPRangeList": ["192.0.2.0/24"]}
    )
    proof = devices.begun(client, "ada", device, devices.asked(client, "ada", device))
    context = {"IpAddress": "192.0.2.1", "ServerName": "app", "ServerPath": "/", "HttpHeaders": []}
    end = partial(
        world.signed.admin_respond_to_auth_challenge,
        UserPoolId=client.pool.pool_id,
        ClientId=client.client_id,
        ChallengeName="DEVICE_PASSWORD_VERIFIER",
        ChallengeResponses=proof,
        ContextData=context,
    )
    assert refused(end) == KEPT_OUT


def from_abroad(client: ClientOfTests, name: str, address: str) -> tuple[str, str]:
    """Return how a wrong password from far away is refused."""
    headers = [{"headerName": "User-Agent", "headerValue": "curl/8.8.0"}]
    context = {"IpAddress": address, "ServerName": "app", "ServerPath": "/", "HttpHeaders": headers}
    return refused(
        lambda: client.world.signed.admin_initiate_auth(
            UserPoolId=client.pool.pool_id,
            ClientId=client.client_id,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": "another"},
            ContextData=context,
        )
    )


def test_nobody_is_as_risky_as_somebody(world: World) -> None:
    """By the judge of the house: some of those who are not there have a history that a stranger does not fit, and some have none."""
    client = watched(world).client()
    act(client.pool, High="BLOCK")
    told = {from_abroad(client, f"nobody{number}", f"198.51.{number}.7") for number in range(24)}
    assert told == {KEPT_OUT, INCORRECT}


def test_audit_changes_nothing_that_a_client_sees(world: World) -> None:
    """Whatever is judged and whatever is set: answers are those of a pool without, and no mail goes out."""
    pool = watched(world, "AUDIT")
    client = with_ada(pool, email=EMAIL, email_verified="true")
    act(pool, notify=True, Low="BLOCK", Medium="MFA_REQUIRED", High="BLOCK")
    before = world.outbox()
    for level in (Level.LOW, Level.MEDIUM, Level.HIGH):
        world.clock.advance(1_000)
        with judging(world, level):
            assert "AuthenticationResult" in client.sign_in("ada")
            assert refused(partial(client.sign_in, "ada", "another"))[1] == "Incorrect username or password."
    assert world.sent_since(before, EMAIL) == []
    assert events(pool)[0]["EventRisk"]["RiskLevel"] == "High"


def test_custom_flows_are_acted_on_where_their_own_mode_says_so(world: World) -> None:
    """AdvancedSecurityAdditionalFlows: without it they are watched and no more."""
    pool = watched(world)
    client = pool.client(ExplicitAuthFlows=["ALLOW_CUSTOM_AUTH"])
    act(pool, High="BLOCK")
    with judging(world, HIGH):
        assert refused(partial(client.initiate, "CUSTOM_AUTH", USERNAME="ada")) != KEPT_OUT
        more = {"AdvancedSecurityMode": "ENFORCED", "AdvancedSecurityAdditionalFlows": {"CustomAuthMode": "ENFORCED"}}
        world.signed.update_user_pool(UserPoolId=pool.pool_id, UserPoolAddOns=more)
        assert refused(partial(client.initiate, "CUSTOM_AUTH", USERNAME="ada")) == KEPT_OUT


def test_a_client_acts_by_its_own_configuration(world: World) -> None:
    """It takes the place of the pool's as a whole."""
    pool = watched(world)
    client = with_ada(pool)
    other = pool.client()
    act(pool, High="BLOCK")
    nothing = {"Actions": {"LowAction": {"Notify": False, "EventAction": "NO_ACTION"}}}
    world.signed.set_risk_configuration(
        UserPoolId=pool.pool_id, ClientId=other.client_id, AccountTakeoverRiskConfiguration=nothing
    )
    with judging(world, HIGH):
        assert refused(partial(client.sign_in, "ada")) == KEPT_OUT
        assert "AuthenticationResult" in other.sign_in("ada")
