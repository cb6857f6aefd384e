"""Do AWS's SDKs for Go, Java and Rust, and Spring Security, work unmodified? Programs of theirs tell their stories; `make clients-more`.

Each makes a pool and five people, signs one in, is refused by errors of its own types, pages through a list and comes to
credentials of an identity pool. What a machine has no tools for is skipped.
"""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from clients.serving import (
    REGION,
    Server,
    new_client,
    new_pool,
    new_user,
    service,
    serving,
    signed_environment,
    verified_claims,
)
from sdks import building
from sdks.building import GO, JAVA, RUST, Toolchain

ROLE_ARN = "arn:aws:iam::000000000000:role/members"
NAMES = ["ada", "eve", "ida", "una", "zoe"]
STORIES = {
    "go": (GO, building.go_story),
    "java": (JAVA, lambda: building.java_program("Story")),
    "rust": (RUST, building.rust_story),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run one server for all of them: a client sees no database."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


def told_by(command: list[str], server: Server, home: Path, *arguments: str) -> list[tuple[str, str]]:
    """Run a program in an environment by which AWS's SDKs find the server; return the lines `name=value` that it prints."""
    done = subprocess.run(
        [*command, *arguments],
        env=signed_environment(server, home, STORY_ROLE_ARN=ROLE_ARN),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = (line.partition("=") for line in done.stdout.splitlines())
    return [(name, value) for name, _, value in lines]


@pytest.mark.parametrize(("toolchain", "build"), STORIES.values(), ids=STORIES)
def test_an_sdk_tells_its_story(
    server: Server, tmp_path: Path, toolchain: Toolchain, build: Callable[[], list[str]]
) -> None:
    """The program checks what it is answered by; here is checked what its tokens and keys are worth."""
    building.require(toolchain)
    told = dict(told_by(build(), server, tmp_path))

    first, newer = (
        verified_claims(server, told["pool_id"], told[name]) for name in ("access_token", "newer_access_token")
    )
    identity = verified_claims(server, told["pool_id"], told["id_token"])
    assert (first["client_id"], identity["aud"], identity["email"]) == (
        told["client_id"],
        told["client_id"],
        "ada@example.com",
    )
    assert (first["origin_jti"], first["auth_time"]) == (newer["origin_jti"], newer["auth_time"])
    assert first["jti"] != newer["jti"]
    assert (told["names"].split(), told["pages"]) == (NAMES, "3")
    assert told["identity_id"].startswith(f"{REGION}:")
    assert ":assumed-role/members/" in who(server, told)


def who(server: Server, told: dict[str, str]) -> str:
    """Return the ARN that the credentials of a story are of."""
    sts = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=server.endpoint,
        aws_access_key_id=told["access_key_id"],
        aws_secret_access_key=told["secret_key"],
        aws_session_token=told["session_token"],
    )
    return str(sts.get_caller_identity()["Arn"])


def test_spring_security_decodes_tokens_of_an_issuer(server: Server, tmp_path: Path) -> None:
    """By `JwtDecoders` and the issuer alone; a token that was altered, and another pool's, are refused."""
    building.require(JAVA)
    tokens = []
    for pool_id in (new_pool(server), new_pool(server)):
        new_user(server, pool_id, "ada", "Correct-Horse-1")
        answer = service(server).initiate_auth(
            ClientId=new_client(server, pool_id)["ClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "ada", "PASSWORD": "Correct-Horse-1"},
        )
        tokens.append((pool_id, answer["AuthenticationResult"]["AccessToken"]))
    (pool_id, own), (_, others) = tokens

    told = told_by(building.java_program("Spring"), server, tmp_path, f"{server.endpoint}/{pool_id}", own, others)

    sub = verified_claims(server, pool_id, own)["sub"]
    assert told == [("sub", sub), ("refused", "BadJwtException"), ("refused", "BadJwtException")] * 2
