"""Whether a DPoP proof that one process has taken is of no use at the other, at whatever moment (RFC 9449 11.1; attacks.md F27)."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import boto3
import httpx

from api.world import TestClock, World
from faults.kill_workers import KEYS
from faults.processes import endpoints
from oauth.machines import CREDENTIALS, SERVER
from oauth.proving import TOKEN, holder

__all__ = ["endpoints"]

HOST = "localhost:7665"
PUBLIC = f"http://{HOST}"


class Elsewhere:
    """Where a proof is made for: the public address of both processes, at the time of the machine."""

    url = PUBLIC

    @property
    def clock(self) -> TestClock:
        return TestClock(time.time_ns() // 1_000_000)


def machine_of(endpoint: str) -> dict[str, str]:
    """Make an app client that stands for itself; return what it sends."""
    secret = {"aws_access_key_id": KEYS["root_access_key_id"], "aws_secret_access_key": KEYS["root_secret_access_key"]}
    admin = boto3.client("cognito-idp", region_name="us-east-1", endpoint_url=endpoint, **secret)
    pool_id = admin.create_user_pool(PoolName="two")["UserPool"]["Id"]
    scopes = [{"ScopeName": name, "ScopeDescription": name} for name in ("read", "write")]
    admin.create_resource_server(UserPoolId=pool_id, Identifier=SERVER, Name="api", Scopes=scopes)
    made = admin.create_user_pool_client(UserPoolId=pool_id, ClientName="two", **CREDENTIALS)["UserPoolClient"]
    return {
        "grant_type": "client_credentials",
        "client_id": made["ClientId"],
        "client_secret": made["ClientSecret"],
    }


def test_a_nonce_of_one_process_is_one_of_the_other(endpoints: list[str]) -> None:
    """RFC 9449 8: nothing is kept of it, and all have the pool's secret."""
    fields, held = machine_of(endpoints[0]), holder(cast(World, Elsewhere()))

    def ask(endpoint: str, nonce: str) -> httpx.Response:
        return httpx.post(endpoint + TOKEN, data=fields, headers={"Host": HOST, **held.header(nonce=nonce)})

    wanted = ask(endpoints[0], "a nonce of nobody's")
    assert wanted.json()["error"] == "use_dpop_nonce"
    assert ask(endpoints[1], wanted.headers["dpop-nonce"]).status_code == 200


def test_a_proof_serves_once_at_all_processes_together(endpoints: list[str]) -> None:
    """One after the other, and many at once at both."""
    fields, held = machine_of(endpoints[0]), holder(cast(World, Elsewhere()))

    def ask(endpoint: str, proof: str) -> int:
        return httpx.post(endpoint + TOKEN, data=fields, headers={"Host": HOST, "DPoP": proof}).status_code

    for first, second in (endpoints, reversed(endpoints)):
        proof = held.proof()
        assert (ask(first, proof), ask(second, proof)) == (200, 400)
    for _ in range(5):
        proof = held.proof()
        with ThreadPoolExecutor(8) as threads:
            answers = sorted(threads.map(lambda endpoint: ask(endpoint, proof), endpoints * 4))  # noqa: B023 - within the loop
        assert answers == [200, *[400] * 7]
