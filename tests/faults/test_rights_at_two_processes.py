"""Whether a change of rights counts at every process at the next call, however the two race (attacks.md F27)."""

import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.config import Config

from api.principals import allow, deny, document
from api.world import refused
from faults.kill_workers import KEYS
from faults.processes import endpoints

__all__ = ["endpoints"]

ROUNDS = 12


def client(endpoint: str, service: str, key_id: str, secret: str, token: str | None = None) -> Any:
    config = Config(retries={"max_attempts": 0})
    keys = {"aws_access_key_id": key_id, "aws_secret_access_key": secret, "aws_session_token": token}
    return boto3.client(service, region_name="us-east-1", endpoint_url=endpoint, config=config, **keys)


def of_root(endpoint: str, service: str) -> Any:
    return client(endpoint, service, KEYS["root_access_key_id"], KEYS["root_secret_access_key"])


@pytest.fixture
def ada(endpoints: list[str]) -> Iterator[dict[str, str]]:
    """Make a user with a key."""
    iam = of_root(endpoints[0], "iam")
    iam.create_user(UserName="ada")
    key: dict[str, str] = iam.create_access_key(UserName="ada")["AccessKey"]
    yield key
    iam.delete_access_key(UserName="ada", AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName="ada", PolicyName="own")
    iam.delete_user(UserName="ada")


def test_what_one_process_takes_the_other_does_not_give(endpoints: list[str], ada: dict[str, str]) -> None:
    """Written at one, it holds at the other at the very next call, in both directions and for both."""
    writers = [of_root(endpoint, "iam") for endpoint in endpoints]
    callers = [client(one, "cognito-idp", ada["AccessKeyId"], ada["SecretAccessKey"]) for one in endpoints]
    for turn in range(ROUNDS):
        writer, reader = writers[turn % 2], callers[(turn + 1) % 2]
        effect = allow if turn % 4 < 2 else deny
        writer.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=document(effect("cognito-idp:*")))
        for caller in (reader, callers[turn % 2]):
            if effect is allow:
                caller.list_user_pools(MaxResults=1)
            else:
                assert refused(partial(caller.list_user_pools, MaxResults=1))[0] == "AccessDeniedException"


def test_no_call_begun_after_a_denial_passes(endpoints: list[str], ada: dict[str, str]) -> None:
    """Four threads call at both processes without a pause; once the denial is answered, nothing that begins is let in."""
    writer = of_root(endpoints[0], "iam")
    writer.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=document(allow("cognito-idp:*")))
    ended, stop, wrong, passed = threading.Event(), threading.Event(), list[str](), list[int]()

    def call(endpoint: str) -> None:
        caller = client(endpoint, "cognito-idp", ada["AccessKeyId"], ada["SecretAccessKey"])
        while not stop.is_set():
            begun_after = ended.is_set()
            try:
                caller.list_user_pools(MaxResults=1)
            except caller.exceptions.ClientError:
                continue
            passed.append(1)
            if begun_after:
                wrong.append(endpoint)

    threads = [threading.Thread(target=call, args=(endpoints[number % 2],)) for number in range(4)]
    for thread in threads:
        thread.start()
    while len(passed) < 40:
        stop.wait(0.01)
    writer.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=document(deny("*")))
    ended.set()
    stop.wait(1.0)
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(passed) >= 40


def test_a_session_is_known_at_both_and_ends_at_both(endpoints: list[str], ada: dict[str, str]) -> None:
    """Made at one, it is good at the other, which shares nothing but database and ring; its key's end is its own."""
    writer = of_root(endpoints[0], "iam")
    writer.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=document(allow("cognito-idp:*")))
    made = client(endpoints[0], "sts", ada["AccessKeyId"], ada["SecretAccessKey"]).get_session_token()["Credentials"]
    held = (made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    sessions = [client(endpoint, "cognito-idp", *held) for endpoint in endpoints]
    for session in sessions:
        session.list_user_pools(MaxResults=1)
    writer.update_access_key(UserName="ada", AccessKeyId=ada["AccessKeyId"], Status="Inactive")
    for session in sessions:
        name, _ = refused(partial(session.list_user_pools, MaxResults=1))
        assert name == "UnrecognizedClientException"
