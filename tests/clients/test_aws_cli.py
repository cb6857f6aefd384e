"""Does the AWS CLI work, unmodified? `AWS_ENDPOINT_URL` and a pair of keys are all that it is told."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clients.serving import Server, code_for, signed_environment, verified_claims

Aws = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def aws(server: Server, tmp_path: Path) -> Aws:
    """Return a function that runs one command of the AWS CLI against the server."""
    environment = signed_environment(server, tmp_path, AWS_DEFAULT_OUTPUT="json")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("aws")), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    return run


def answer(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return what a command that succeeded printed; an operation without an answer prints nothing."""
    assert done.returncode == 0, done.stderr
    printed: dict[str, Any] = json.loads(done.stdout or "{}")
    return printed


def test_the_command_line_makes_a_pool_and_its_first_user(server: Server, aws: Aws) -> None:
    """A pool, a client, a sign-up with its mailed code, a sign-in and the profile, as tutorials show it."""
    pool = answer(aws("cognito-idp", "create-user-pool", "--pool-name", "cli", "--auto-verified-attributes", "email"))
    pool_id = pool["UserPool"]["Id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    made = aws(
        "cognito-idp", "create-user-pool-client", "--user-pool-id", pool_id, "--client-name", "cli",
        "--explicit-auth-flows", *flows,
    )  # fmt: skip
    client_id = answer(made)["UserPoolClient"]["ClientId"]

    clara = ("--client-id", client_id, "--username", "clara")
    email = "Name=email,Value=clara@example.com"
    signed_up = aws("cognito-idp", "sign-up", *clara, "--password", "Cli-Pass-1", "--user-attributes", email)
    code = code_for(server, pool_id, "clara@example.com", "SignUp")
    answer(aws("cognito-idp", "confirm-sign-up", *clara, "--confirmation-code", code))
    signed_in = aws(
        "cognito-idp", "initiate-auth", "--client-id", client_id, "--auth-flow", "USER_PASSWORD_AUTH",
        "--auth-parameters", "USERNAME=clara,PASSWORD=Cli-Pass-1",
    )  # fmt: skip
    tokens = answer(signed_in)["AuthenticationResult"]
    profile = answer(aws("cognito-idp", "get-user", "--access-token", tokens["AccessToken"]))

    assert answer(signed_up)["CodeDeliveryDetails"]["Destination"] == "c***@e***"
    assert profile["Username"] == "clara"
    assert verified_claims(server, pool_id, tokens["IdToken"])["sub"] == answer(signed_up)["UserSub"]

    duplicate = aws("cognito-idp", "sign-up", *clara, "--password", "Cli-Pass-1")
    assert duplicate.returncode != 0
    sentence = "An error occurred (UsernameExistsException) when calling the SignUp operation: User already exists"
    assert sentence in duplicate.stderr

    grace = ("--user-pool-id", pool_id, "--username", "grace")
    answer(aws("cognito-idp", "admin-create-user", *grace, "--message-action", "SUPPRESS"))
    listed = aws("cognito-idp", "list-users", "--user-pool-id", pool_id, "--page-size", "1")
    found = {user["Username"]: user["UserStatus"] for user in answer(listed)["Users"]}
    assert found == {"clara": "CONFIRMED", "grace": "FORCE_CHANGE_PASSWORD"}


def test_the_command_line_learns_who_it_is(aws: Aws) -> None:
    """`aws sts get-caller-identity` answers at the same endpoint."""
    assert answer(aws("sts", "get-caller-identity"))["Account"] == "000000000000"


def test_the_command_line_deletes_what_it_made(aws: Aws) -> None:
    """A deleted pool is gone, and the error says so in AWS's words."""
    pool_id = answer(aws("cognito-idp", "create-user-pool", "--pool-name", "short"))["UserPool"]["Id"]

    answer(aws("cognito-idp", "delete-user-pool", "--user-pool-id", pool_id))
    gone = aws("cognito-idp", "describe-user-pool", "--user-pool-id", pool_id)

    assert gone.returncode != 0
    assert (
        f"(ResourceNotFoundException) when calling the DescribeUserPool operation: User pool {pool_id}" in gone.stderr
    )
