"""What is answered for what is not built? Its name and 501 to whoever may ask, and nothing is pretended."""

import json

from api.stage import Wire
from poolkeeper.aws.operation import Operation, Who
from poolkeeper.operations.tables import COGNITO_IDENTITY, COGNITO_IDP

NOT_BUILT = [one for table in (COGNITO_IDP, COGNITO_IDENTITY) for one in table.operations.values() if one.run is None]
# What botocore 1.44.6 and 1.44.7 brought (measured.md 10).
NEWEST = {
    "InitiatePointInTimeRecovery",
    "StartPointInTimeRecovery",
    "CancelPointInTimeRecovery",
    "DescribePointInTimeRecovery",
    "ListPointInTimeRecoveries",
    "CreateCIMDPolicy",
    "DescribeCIMDPolicy",
    "UpdateCIMDPolicy",
    "DeleteCIMDPolicy",
    "ListCIMDPolicies",
    "ListClientMetadataURLs",
    "UpdateClientMetadataURLState",
}


def asked(wire: Wire, operation: Operation) -> tuple[int, str, str]:
    """Return status, name and sentence of the answer to an empty request, signed where the table asks for it."""
    body, target = b"{}", f"{operation.model.target_prefix}.{operation.name}"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    if operation.who in {Who.IAM, Who.IAM_OR_SECRET}:
        headers = wire.signed(headers, body, service=operation.model.name)
    answer = wire.send(body, headers)
    return answer.status, answer.error, json.loads(answer.body)["message"]


def test_whoever_may_ask_is_told_by_name_that_it_is_not_built(wire: Wire) -> None:
    """501, which no SDK tries again, for each operation of both services that has no function."""
    for one in NOT_BUILT:
        assert asked(wire, one) == (501, "NotImplementedException", f"Poolkeeper does not have {one.name} yet.")


def test_the_newest_operations_are_known(wire: Wire) -> None:
    """The twelve of the newest model are operations, not unknown ones; unsigned they tell nothing."""
    assert set(COGNITO_IDP.operations) >= NEWEST
    for name in sorted(NEWEST):
        target = f"{COGNITO_IDP.model.target_prefix}.{name}"
        answer = wire.send(b"{}", {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target})
        assert answer.error == "MissingAuthenticationTokenException", name
