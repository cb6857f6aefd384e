"""What users of watched pools did: one event a sign-in, its id in the tokens, and what is said of it (identity-security.md 4.1)."""

import re
from functools import partial
from typing import Any

import pytest

from api import second_factors
from api.forge import claims_of
from api.quiet import round_trips, worker_at_rest
from api.signing_in import SOME_A
from api.watched import act, events, judging, outcomes, watched, with_ada
from api.world import PASSWORD, World, refused
from poolkeeper.accounts import feedback
from poolkeeper.call import own_call
from poolkeeper.clock import DAY
from poolkeeper.risk.judge import Level

PASSED = [{"ChallengeName": "Password", "ChallengeResponse": "Success"}]
FAILED = [{"ChallengeName": "Password", "ChallengeResponse": "Failure"}]


@pytest.mark.parametrize("mode", ["AUDIT", "ENFORCED"])
def test_a_sign_in_is_one_event_whose_id_the_tokens_have(world: World, mode: str) -> None:
    """Its time, where it came from and how it was judged stand in it; a refresh goes on with the id."""
    pool = watched(world, mode)
    client = with_ada(pool)
    tokens = client.tokens("ada")
    (event,) = events(pool)
    assert event["EventId"] == claims_of(tokens["AccessToken"])["event_id"] == claims_of(tokens["IdToken"])["event_id"]
    assert (event["EventType"], event["EventResponse"]) == ("SignIn", "Pass")
    assert event["CreationDate"].timestamp() == world.clock.now() / 1000
    assert event["EventRisk"] == {"RiskDecision": "NoRisk", "CompromisedCredentialsDetected": False}
    assert event["ChallengeResponses"] == PASSED
    assert event["EventContextData"]["IpAddress"] == "127.0.0.1"
    assert "boto" in event["EventContextData"]["DeviceName"].lower()

    world.clock.advance(1_000)
    again = client.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=tokens["RefreshToken"])["AuthenticationResult"]
    assert claims_of(again["AccessToken"])["event_id"] == event["EventId"]
    assert len(events(pool)) == 1


def test_a_client_without_revocation_names_its_session_by_the_event(world: World) -> None:
    """There the claim event_id is what the session is found by; it is the event's all the same."""
    pool = watched(world)
    pool.user("ada")
    client = pool.client(EnableTokenRevocation=False)
    token = client.tokens("ada")["AccessToken"]
    assert claims_of(token)["event_id"] == events(pool)[0]["EventId"]
    assert world.unsigned.get_user(AccessToken=token)["Username"] == "ada"


def test_a_wrong_password_is_an_event_that_failed(world: World) -> None:
    """By every way of giving a password; SRP's is noted when it is proved."""
    pool = watched(world)
    client = with_ada(pool)
    assert refused(partial(client.sign_in, "ada", "another"))[0] == "NotAuthorizedException"
    (event,) = events(pool)
    assert (event["EventResponse"], event["ChallengeResponses"]) == ("Fail", FAILED)


def test_a_sign_in_is_in_progress_until_its_second_factor(world: World) -> None:
    """One event with one id; a wrong code fails it, and the right one lets it pass after all."""
    pool = second_factors.pool_with(
        world, second_factors.TOTP, mode="OPTIONAL", UserPoolAddOns={"AdvancedSecurityMode": "AUDIT"}
    )
    client = with_ada(pool)
    secret = second_factors.enrol(client, "ada")
    asked = second_factors.asked(client, second_factors.TOTP)
    newest = events(pool)[0]
    assert (newest["EventResponse"], newest["ChallengeResponses"]) == ("InProgress", PASSED)

    code = second_factors.shown(world, secret)
    give = partial(second_factors.give, client, second_factors.TOTP, asked["Session"])
    assert refused(partial(give, second_factors.wrong(code)))[0] == "CodeMismatchException"
    failed = [*PASSED, {"ChallengeName": "Mfa", "ChallengeResponse": "Failure"}]
    assert (events(pool)[0]["EventResponse"], events(pool)[0]["ChallengeResponses"]) == ("Fail", failed)

    token = give(code)["AuthenticationResult"]["AccessToken"]
    last = events(pool)[0]
    passed = [*PASSED, {"ChallengeName": "Mfa", "ChallengeResponse": "Success"}]
    assert (last["EventResponse"], last["ChallengeResponses"]) == ("Pass", passed)
    assert last["EventId"] == newest["EventId"] == claims_of(token)["event_id"]
    assert len(events(pool)) == 2  # the one by which the app was enrolled is the other


def test_how_risky_it_was_is_told(world: World) -> None:
    """Level and decision; why stands in the row for the operator."""
    pool = watched(world, "AUDIT")
    client = with_ada(pool)
    with judging(world, Level.MEDIUM):
        client.tokens("ada")
    assert events(pool)[0]["EventRisk"] == {
        "RiskDecision": "AccountTakeover",
        "RiskLevel": "Medium",
        "CompromisedCredentialsDetected": False,
    }
    (row,) = world.rows("SELECT document FROM auth_history WHERE pool_id = $1 AND at > 0", pool.pool_id)
    assert b"The network is new." in bytes(row[0])


def test_other_pools_keep_nothing_and_have_no_list(world: World) -> None:
    """Nothing is written there, and the three operations are refused."""
    pool = world.pool()
    client = with_ada(pool)
    client.tokens("ada")
    refused(partial(client.sign_in, "ada", "another"))
    assert world.rows("SELECT * FROM auth_history WHERE pool_id = $1", pool.pool_id) == []
    about = {"EventId": "x", "FeedbackValue": "Valid"}
    said = {"UserPoolId": pool.pool_id, "Username": "ada", "FeedbackToken": "x", **about}
    for work in (
        partial(events, pool),
        partial(pool.admin, "admin_update_auth_event_feedback", "ada", **about),
        partial(world.unsigned.update_auth_event_feedback, **said),
    ):
        assert refused(work)[0] == "UserPoolAddOnNotEnabledException"


def test_nobody_has_one_row_for_an_hour(world: World) -> None:
    """However often a name that nobody has is tried: the row is written for its time's sake, and no list has it."""
    pool = watched(world)
    client = pool.client()
    for _ in range(3):
        refused(partial(client.sign_in, "nobody"))
        world.clock.advance(1_000)
    ((at, kind),) = world.rows("SELECT at, kind FROM auth_history WHERE pool_id = $1", pool.pool_id)
    assert (at, kind) == (0, "nobody")
    assert refused(partial(events, pool, "nobody"))[0] == "UserNotFoundException"


def test_names_without_end_share_so_many_rows(world: World) -> None:
    """Nothing is proved by whoever begins for a name, so what is written for it is no row of its own."""
    pool = watched(world)
    client = pool.client()
    for number in range(3):
        client.initiate("USER_SRP_AUTH", USERNAME=f"nobody-{number}", SRP_A=SOME_A)
    places = world.rows("SELECT user_id FROM auth_history WHERE pool_id = $1", pool.pool_id)
    assert places
    assert all(re.fullmatch("nobody [0-9a-f]{3}", place) for (place,) in places)


def test_the_list_has_pages(world: World) -> None:
    """The newest first; a token is of its user alone."""
    pool = watched(world)
    client = with_ada(pool)
    pool.user("bob")
    for _ in range(5):
        client.tokens("ada")
        world.clock.advance(1_000)
    known = [one["EventId"] for one in events(pool)]
    first = pool.admin("admin_list_user_auth_events", "ada", MaxResults=3)
    assert [one["EventId"] for one in first["AuthEvents"]] == known[:3]
    rest = pool.admin("admin_list_user_auth_events", "ada", MaxResults=3, NextToken=first["NextToken"])
    assert [one["EventId"] for one in rest["AuthEvents"]] == known[3:]
    assert "NextToken" not in rest
    other = partial(pool.admin, "admin_list_user_auth_events", "bob", NextToken=first["NextToken"])
    assert refused(other)[0] == "InvalidParameterException"
    assert len(pool.admin("admin_list_user_auth_events", "ada", MaxResults=0)["AuthEvents"]) == 5


def test_what_is_no_sign_in_is_an_event_of_its_kind(world: World) -> None:
    """SignUp, ResendCode, ForgotPassword and PasswordChange, by the model's names."""
    pool = watched(world, AutoVerifiedAttributes=["email"])
    client = with_ada(pool, email="ada@x.example", email_verified="true")
    client.sign_up("eve", email="eve@x.example")
    world.clock.advance(1_000)
    world.unsigned.resend_confirmation_code(ClientId=client.client_id, Username="eve")
    assert [(one["EventType"], one["EventResponse"]) for one in events(pool, "eve")] == [
        ("ResendCode", "Pass"),
        ("SignUp", "Pass"),
    ]
    token = client.tokens("ada")["AccessToken"]
    for before in ("another-Word-4", PASSWORD):
        world.clock.advance(1_000)
        given = {"AccessToken": token, "PreviousPassword": before, "ProposedPassword": f"{PASSWORD}-2"}
        if before == PASSWORD:
            world.unsigned.change_password(**given)
        else:
            refused(partial(world.unsigned.change_password, **given))
    world.clock.advance(1_000)
    world.unsigned.forgot_password(ClientId=client.client_id, Username="ada")
    world.clock.advance(1_000)
    world.unsigned.confirm_forgot_password(
        ClientId=client.client_id,
        Username="ada",
        ConfirmationCode=world.code("ada@x.example"),
        Password=f"{PASSWORD}-3",
    )
    assert [(one["EventType"], one["EventResponse"]) for one in events(pool)][:4] == [
        ("ForgotPassword", "Pass"),
        ("ForgotPassword", "InProgress"),
        ("PasswordChange", "Pass"),
        ("PasswordChange", "Fail"),
    ]


def said(event: dict[str, Any]) -> tuple[str, str]:
    return event["EventFeedback"]["FeedbackValue"], event["EventFeedback"]["Provider"]


def test_an_administrator_says_whose_an_event_was(world: World) -> None:
    """What is said last stands, with the time; of an event that is not there nothing is said."""
    pool = watched(world)
    with_ada(pool).tokens("ada")
    event_id = events(pool)[0]["EventId"]
    say = partial(pool.admin, "admin_update_auth_event_feedback", "ada")
    for value in ("Invalid", "Valid"):
        say(EventId=event_id, FeedbackValue=value)
        assert said(events(pool)[0]) == (value, "Admin")
    assert events(pool)[0]["EventFeedback"]["FeedbackDate"].timestamp() == world.clock.now() / 1000
    assert outcomes(pool) == ["Pass"]
    assert refused(partial(say, EventId="x", FeedbackValue="Valid"))[0] == "ResourceNotFoundException"


def test_a_user_says_it_by_the_token_of_that_event_alone(world: World) -> None:
    """A token of another event, another user or an altered one is refused, for nobody as well, and one that is too old."""
    pool = watched(world)
    client = with_ada(pool)
    bob = pool.user("bob")
    for name in ("ada", "bob"):
        client.tokens(name)
    own = {name: events(pool, name)[0]["EventId"] for name in ("ada", "bob")}
    sub = pool.admin("admin_get_user", "ada")["UserAttributes"][0]["Value"]
    call = own_call(world.house)
    token = feedback.token(call, pool_id=pool.pool_id, user_id=sub, event_id=own["ada"])
    others = feedback.token(call, pool_id=pool.pool_id, user_id=bob, event_id=own["bob"])

    def say(name: str, event_id: str, given: str) -> None:
        about = {"UserPoolId": pool.pool_id, "Username": name, "EventId": event_id}
        world.unsigned.update_auth_event_feedback(**about, FeedbackToken=given, FeedbackValue="Invalid")

    for name, event_id, given in (
        ("ada", own["ada"], others),
        ("ada", own["bob"], token),
        ("bob", own["ada"], token),
        ("nobody", own["ada"], token),
        ("ada", own["ada"], token[:-2]),
    ):
        assert refused(partial(say, name, event_id, given)) == ("NotAuthorizedException", "Invalid feedback token.")
    assert "EventFeedback" not in events(pool)[0]
    say("ada", own["ada"], token)
    assert said(events(pool)[0]) == ("Invalid", "User")
    world.clock.advance(31 * DAY)
    assert refused(partial(say, "ada", own["ada"], token))[0] == "NotAuthorizedException"


def test_a_password_sign_in_takes_six_round_trips(world: World) -> None:
    """The event and what it taught are one statement, within the transaction that opens the session."""
    if world.engine == "sqlite":
        pytest.skip("PostgreSQL's driver alone counts")
    pool = watched(world)
    client = with_ada(pool)
    act(pool, High="BLOCK")
    client.tokens("ada")
    with worker_at_rest(world):
        before = round_trips(world)
        client.tokens("ada")
        assert round_trips(world) - before <= 6


def test_what_a_sign_in_taught_is_kept(world: World) -> None:
    """One row a user; a wrong password teaches nothing, and events of a deleted user go with it."""
    pool = watched(world)
    client = with_ada(pool)

    def learned() -> list[tuple[Any, ...]]:
        about = "SELECT document FROM auth_history WHERE pool_id = $1 AND at = 0 AND kind = 'profile'"
        return world.rows(about, pool.pool_id)

    refused(partial(client.sign_in, "ada", "another"))
    assert learned() == []
    client.tokens("ada")
    (once,) = learned()
    client.tokens("ada")
    (twice,) = learned()
    assert bytes(once[0]) != bytes(twice[0])
    assert len(bytes(twice[0])) <= 2048
    pool.admin("admin_delete_user", "ada")
    assert world.rows("SELECT * FROM auth_history WHERE pool_id = $1", pool.pool_id) == []


def test_nobody_costs_what_somebody_costs(world: World) -> None:
    """A wrong password asks the database as often where the name is nobody's (attacks.md 9)."""
    if world.engine == "sqlite":
        pytest.skip("PostgreSQL's driver alone counts")
    pool = watched(world)
    client = with_ada(pool)
    costs = []
    for name in ("ada", "nobody"):
        refused(partial(client.sign_in, name, "another"))
        with worker_at_rest(world):
            before = round_trips(world)
            refused(partial(client.sign_in, name, "another"))
            costs.append(round_trips(world) - before)
    assert costs[0] == costs[1]
