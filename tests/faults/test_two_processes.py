"""Whether processes agree: what is ended or spent at one is so at the other, at once (attacks.md F27, 32, 40)."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import httpx
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from api.stage import NAME, set_stage
from api.world import World, refused
from faults.kill_workers import KEYS
from faults.processes import endpoints

__all__ = ["endpoints"]

PASSWORD = "Swim-in-2-pools"
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")


def client(endpoint: str, *, signed: bool = True) -> Any:
    config = Config(retries={"max_attempts": 0}, **({} if signed else {"signature_version": UNSIGNED}))
    secret = {"aws_access_key_id": KEYS["root_access_key_id"], "aws_secret_access_key": KEYS["root_secret_access_key"]}
    return boto3.client(
        "cognito-idp", region_name="us-east-1", endpoint_url=endpoint, config=config, **(secret if signed else {})
    )


@pytest.fixture
def user(endpoints: list[str]) -> dict[str, str]:
    """Make a pool, a client and a confirmed user, known to both processes by use."""
    admin = client(endpoints[0])
    pool_id = admin.create_user_pool(PoolName="two", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    made = admin.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="two",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
    )
    admin.admin_create_user(UserPoolId=pool_id, Username=NAME, TemporaryPassword=PASSWORD, MessageAction="SUPPRESS")
    admin.admin_set_user_password(UserPoolId=pool_id, Username=NAME, Password=PASSWORD, Permanent=True)
    return {"UserPoolId": pool_id, "ClientId": made["UserPoolClient"]["ClientId"]}


def tokens(endpoint: str, client_id: str) -> dict[str, str]:
    answer = client(endpoint, signed=False).initiate_auth(
        ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters={"USERNAME": NAME, "PASSWORD": PASSWORD}
    )
    result: dict[str, str] = answer["AuthenticationResult"]
    return result


@pytest.mark.parametrize(
    "ending", ["revoke_token", "global_sign_out", "admin_user_global_sign_out", "admin_delete_user"]
)
def test_what_ends_at_one_process_has_ended_at_the_other(
    endpoints: list[str], user: dict[str, str], ending: str
) -> None:
    """attacks.md F27: the very next call at the other process is refused, token and refresh alike."""
    held, here, there = tokens(endpoints[0], user["ClientId"]), client(endpoints[0]), client(endpoints[1], signed=False)
    assert there.get_user(AccessToken=held["AccessToken"])["Username"] == NAME
    more = {
        "revoke_token": {"ClientId": user["ClientId"], "Token": held["RefreshToken"]},
        "global_sign_out": {"AccessToken": held["AccessToken"]},
    }.get(ending, {"UserPoolId": user["UserPoolId"], "Username": NAME})
    getattr(here, ending)(**more)

    assert refused(lambda: there.get_user(AccessToken=held["AccessToken"])) == REVOKED
    refresh = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": {"REFRESH_TOKEN": held["RefreshToken"]}}
    assert refused(lambda: there.initiate_auth(ClientId=user["ClientId"], **refresh))[0] == "NotAuthorizedException"


def test_a_deleted_client_is_gone_from_the_other_process(endpoints: list[str], user: dict[str, str]) -> None:
    """attacks.md F27: a process does not go on by settings that it remembers."""
    tokens(endpoints[1], user["ClientId"])
    client(endpoints[0]).delete_user_pool_client(**user)
    assert refused(lambda: tokens(endpoints[1], user["ClientId"]))[0] == "ResourceNotFoundException"


def test_of_twenty_confirmations_at_two_processes_one_succeeds(endpoints: list[str], user: dict[str, str]) -> None:
    """attacks.md 40: a code is spent once, wherever its twenty requests arrive."""
    sign_up = {
        "Username": "ada",
        "Password": PASSWORD,
        "UserAttributes": [{"Name": "email", "Value": "ada@two.example"}],
    }
    client(endpoints[0], signed=False).sign_up(ClientId=user["ClientId"], **sign_up)
    messages = httpx.get(f"{endpoints[1]}/_dev/outbox", trust_env=False).json()
    code = next(one["code"] for one in reversed(messages) if one["pool_id"] == user["UserPoolId"])

    def confirm(number: int) -> int:
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "AWSCognitoIdentityProviderService.ConfirmSignUp",
        }
        body = {"ClientId": user["ClientId"], "Username": "ada", "ConfirmationCode": code}
        return httpx.post(f"{endpoints[number % 2]}/", json=body, headers=headers, trust_env=False).status_code

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(confirm, range(20)))
    assert sorted(set(answers)) == [200, 400]
    assert answers.count(200) == 1


def test_a_sign_out_among_concurrent_requests_holds_from_its_answer_on(world: World) -> None:
    """attacks.md F27 in one process: while eight readers ask without pause, nobody who asks after the answer is let in."""
    stage = set_stage(world, "concurrent")
    token, ended, wrong, refusals = stage.tokens["AccessToken"], threading.Event(), list[int](), list[str]()

    def read() -> None:
        for _ in range(200):
            after = ended.is_set()
            status, answer = world.call("GetUser", {"AccessToken": token})
            if status == 200 and after:
                wrong.append(status)
            if status != 200:
                refusals.append(answer["message"])
                return

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    world.unsigned.global_sign_out(AccessToken=token)
    ended.set()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert set(refusals) <= {REVOKED[1]}
    assert world.call("GetUser", {"AccessToken": token})[1]["message"] == REVOKED[1]
