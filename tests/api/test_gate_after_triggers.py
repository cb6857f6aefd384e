"""Does the gate look again after the last trigger? What a function changed while it ran counts, for the pool and the user."""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest

from api.choosing import ALLOWED
from api.forge import claims_of
from api.second_factors import EMAIL, EMAIL_OTP, TOTP, demand, prefer
from api.signing_in import INCORRECT, count_of_sessions
from api.world import PASSWORD, ClientOfTests, World, refused

ARN = "arn:aws:lambda:us-east-1:000000000000:function:tests"
AFTER, BEFORE = {"PostAuthentication": ARN}, {"PreAuthentication": ARN}
CUSTOM = dict.fromkeys(["DefineAuthChallenge", "CreateAuthChallenge", "VerifyAuthChallengeResponse"], ARN)
REVOKED = ("NotAuthorizedException", "Refresh Token has been revoked")
Change = Callable[[ClientOfTests], object]


def signing_in_while(
    world: World, patched: pytest.MonkeyPatch, change: Change, triggers: Mapping[str, str] = AFTER
) -> ClientOfTests:
    """Make a pool whose trigger (the one that judges, where it is a custom challenge) changes something by the API."""
    client = world.pool(LambdaConfig=triggers).client(ExplicitAuthFlows=ALLOWED)
    client.pool.user("ada", email=EMAIL, email_verified="true")

    async def invoke(_arn: str, event: Mapping[str, Any], *, pool_id: str) -> Any:
        assert pool_id == client.pool.pool_id
        match event["triggerSource"]:
            case "DefineAuthChallenge_Authentication":
                done = bool(event["request"]["session"])
                verdict = {"challengeName": "CUSTOM_CHALLENGE", "issueTokens": done, "failAuthentication": False}
            case "CreateAuthChallenge_Authentication":
                verdict = {"publicChallengeParameters": {}, "privateChallengeParameters": {}}
            case "VerifyAuthChallengeResponse_Authentication":
                await asyncio.to_thread(change, client)
                verdict = {"answerCorrect": True}
            case _:
                await asyncio.to_thread(change, client)
                verdict = {}
        return {**event, "response": {**event["response"], **verdict}}

    patched.setattr(world.house.functions, "invoke", invoke)
    return client


def give_the_name_away(client: ClientOfTests) -> None:
    """Delete ada, and make another user whose name is the id that ada had."""
    sub = sub_of(client.pool.admin("admin_get_user", "ada"))
    client.pool.admin("admin_delete_user", "ada")
    client.pool.user(sub)


def sub_of(user: Mapping[str, Any]) -> str:
    """Return the id of a user that AdminGetUser tells."""
    return next(str(one["Value"]) for one in user["UserAttributes"] if one["Name"] == "sub")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda client: demand(client.pool, TOTP), INCORRECT),
        (
            lambda client: client.pool.admin("admin_disable_user", "ada"),
            ("NotAuthorizedException", "User is disabled."),
        ),
        (
            lambda client: client.pool.admin(
                "admin_set_user_password", "ada", Password=f"{PASSWORD}-2", Permanent=True
            ),
            INCORRECT,
        ),
        (
            lambda client: client.pool.admin("admin_set_user_password", "ada", Password=PASSWORD, Permanent=False),
            INCORRECT,
        ),
        (give_the_name_away, INCORRECT),
        (lambda client: client.pool.admin("admin_delete_user", "ada"), INCORRECT),
    ],
    ids=[
        "the pool demands a second factor",
        "the user is disabled",
        "the password is another",
        "the password is for once",
        "the user's id is somebody's name",
        "the user is gone",
    ],
)
def test_what_a_function_changed_keeps_its_user_out(world: World, change: Change, told: tuple[str, str]) -> None:
    """The proofs are judged by what is true when the session would be opened: no tokens, no session."""
    with pytest.MonkeyPatch.context() as patched:
        client = signing_in_while(world, patched, change)
        assert refused(lambda: client.sign_in("ada")) == told
    assert count_of_sessions(client.pool) == 0


def by_the_pools_code(client: ClientOfTests) -> dict[str, Any]:
    """Sign in by a custom challenge."""
    session = client.initiate("CUSTOM_AUTH", USERNAME="ada")["Session"]
    return client.respond("CUSTOM_CHALLENGE", session, USERNAME="ada", ANSWER="right")


@pytest.mark.parametrize(
    ("triggers", "sign_in"),
    [(BEFORE, lambda client: client.sign_in("ada")), (CUSTOM, by_the_pools_code)],
    ids=["PreAuthentication", "VerifyAuthChallengeResponse"],
)
def test_a_second_factor_that_a_function_turned_on_is_asked_for(
    world: World, triggers: Mapping[str, str], sign_in: Callable[[ClientOfTests], dict[str, Any]]
) -> None:
    """For the pool, and for the user: what was read before the function ran is old."""

    def for_the_pool(client: ClientOfTests) -> None:
        demand(client.pool, TOTP)

    def for_the_user(client: ClientOfTests) -> None:
        demand(client.pool, EMAIL_OTP, mode="OPTIONAL")
        prefer(client.pool, "ada", "EmailMfaSettings")

    for change, asked in ((for_the_pool, "MFA_SETUP"), (for_the_user, EMAIL_OTP)):
        with pytest.MonkeyPatch.context() as patched:
            client = signing_in_while(world, patched, change, triggers)
            assert sign_in(client).get("ChallengeName") == asked
        assert count_of_sessions(client.pool) == 0


def test_a_user_whom_a_function_confirmed_comes_in_and_what_it_wrote_is_in_the_tokens(world: World) -> None:
    """PreAuthentication is where pools bring their users up to date."""

    def bring_up_to_date(client: ClientOfTests) -> None:
        client.pool.admin("admin_confirm_sign_up", "eve")
        nickname = [{"Name": "nickname", "Value": "E"}]
        client.pool.admin("admin_update_user_attributes", "eve", UserAttributes=nickname)

    with pytest.MonkeyPatch.context() as patched:
        client = signing_in_while(world, patched, bring_up_to_date, BEFORE)
        client.sign_up("eve", email="eve@tests.example")
        assert claims_of(client.tokens("eve")["IdToken"])["nickname"] == "E"


def test_a_group_that_a_function_added_is_in_the_tokens(world: World) -> None:
    """Functions put users into groups as they sign in, and applications look for it at once."""

    def join(client: ClientOfTests) -> None:
        client.world.signed.create_group(UserPoolId=client.pool.pool_id, GroupName="late")
        client.pool.admin("admin_add_user_to_group", "ada", GroupName="late")

    with pytest.MonkeyPatch.context() as patched:
        tokens = signing_in_while(world, patched, join).tokens("ada")
    assert claims_of(tokens["AccessToken"])["cognito:groups"] == ["late"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda client: None, None),
        (lambda client: client.pool.admin("admin_user_global_sign_out", "ada"), REVOKED),
        (lambda client: client.pool.admin("admin_disable_user", "ada"), REVOKED),
        (lambda client: client.pool.admin("admin_delete_user", "ada"), REVOKED),
        (
            lambda client: client.world.run(
                lambda: client.world.house.db.execute(
                    "UPDATE users SET enabled = 0 WHERE pool_id = $1", client.pool.pool_id
                )
            ),
            ("NotAuthorizedException", "User is disabled."),
        ),
    ],
    ids=["nothing", "the session is over", "the user is disabled", "the user is gone", "by another process alone"],
)
def test_a_refresh_is_judged_by_what_is_there_after_the_function(
    world: World, change: Change, told: tuple[str, str] | None
) -> None:
    """PreTokenGeneration is asked at every refresh: whom it ends gets no more tokens by this one either."""
    with pytest.MonkeyPatch.context() as patched:
        made: list[str] = []
        client = signing_in_while(
            world, patched, lambda client: change(client) if made else None, {"PreTokenGeneration": ARN}
        )
        made.append(client.tokens("ada")["RefreshToken"])
        again = partial(client.initiate, "REFRESH_TOKEN_AUTH", REFRESH_TOKEN=made[0])
        if told is None:
            assert again()["AuthenticationResult"]
        else:
            assert refused(again) == told
