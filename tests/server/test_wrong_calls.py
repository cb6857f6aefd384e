"""What does whoever hear that sends another service's calls here, or ours to an address with a path? What to set."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from api.world import refused
from poolkeeper.testing import PoolkeeperServer, poolkeeper_server
from waiting import wait_for

HINT = "set AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER and its like (_COGNITO_IDENTITY, _STS, _IAM)."


@pytest.fixture(scope="module")
def served() -> Iterator[PoolkeeperServer]:
    """Run a server with the demo pool."""
    with poolkeeper_server() as server:
        yield server


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("s3", lambda s3: s3.list_buckets()),
        ("s3", lambda s3: s3.delete_object(Bucket="books", Key="a<b>&c")),
        ("dynamodb", lambda db: db.list_tables()),
        ("sns", lambda sns: sns.list_topics()),
        ("lambda", lambda functions: functions.list_functions()),
    ],
)
def test_another_services_call_is_told_what_to_set(
    served: PoolkeeperServer, service: str, call: Callable[[Any], Any]
) -> None:
    """Whoever set AWS_ENDPOINT_URL reads it in the error of the SDK, whichever protocol that speaks."""
    code, told = refused(lambda: call(served.client(service)))
    assert code in {"UnknownOperationException", "InvalidAction"}
    assert told.endswith(HINT)
    assert "Poolkeeper does not serve" in told


def test_an_endpoint_with_a_path_is_told_without_it(served: PoolkeeperServer) -> None:
    """The log has the sentence too."""
    client = served.client("cognito-idp", endpoint_url=f"{served.url}/v1")
    expected = f"The endpoint of Poolkeeper is {served.url}, without the path /v1."
    assert refused(lambda: client.list_user_pools(MaxResults=1)) == ("UnknownOperationException", expected)
    wait_for(lambda: expected in served.log(), told=served.log)  # It is written after the answer.
    assert served.client().list_user_pools(MaxResults=1)["UserPools"]
