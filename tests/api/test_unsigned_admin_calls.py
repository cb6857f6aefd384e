"""Whether every operation that the models sign is refused without a signature that holds, over HTTP (attacks.md 35, 36)."""

import json

from api.stage import Wire
from api.world import KEY_ID, round_to_second
from poolkeeper.aws.operation import Operation, Who
from poolkeeper.clock import MINUTE, SECOND
from poolkeeper.operations.tables import COGNITO_IDENTITY, COGNITO_IDP

SIGNED = [one for table in (COGNITO_IDP, COGNITO_IDENTITY) for one in table.operations.values() if one.who is Who.IAM]
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key "
    "and signing method. Consult the service documentation for details."
)
UNKNOWN = "The security token included in the request is invalid."
BODY = b'{"UserPoolId": "us-east-1_Abcdefghi"}'


def headers_of(operation: Operation) -> dict[str, str]:
    target = f"{operation.model.target_prefix}.{operation.name}"
    return {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}


def told(wire: Wire, body: bytes, headers: dict[str, str]) -> tuple[int, str, str]:
    """Return status, name and sentence."""
    answer = wire.send(body, headers)
    return answer.status, answer.error, json.loads(answer.body)["message"]


def test_the_tables_ask_for_a_signature_where_the_models_do() -> None:
    """attacks.md 35: 119 operations of user pools, of which two also take a client's secret, and 19 of identity pools."""
    per_service = {
        table.model.name: [one.who for one in table.operations.values()] for table in (COGNITO_IDP, COGNITO_IDENTITY)
    }
    assert per_service["cognito-idp"].count(Who.IAM) + per_service["cognito-idp"].count(Who.IAM_OR_SECRET) == 119
    assert per_service["cognito-identity"].count(Who.IAM) == 19
    for table in (COGNITO_IDP, COGNITO_IDENTITY):
        for one in table.operations.values():
            assert (one.who in {Who.IAM, Who.IAM_OR_SECRET}) == (not table.model.operations[one.name].unsigned), (
                one.name
            )


def test_no_signed_operation_runs_without_a_signature(wire: Wire) -> None:
    """attacks.md 35: none, garbage, a false one, one of nobody's and one that has expired: each by its name, built or not."""
    for operation in SIGNED:
        plain, service = headers_of(operation), operation.model.name
        good = wire.signed(plain, BODY, service=service)
        authorization = good["Authorization"]
        forged = {**good, "Authorization": f"{authorization[:-64]}{'0' * 64}"}
        nobody = {**good, "Authorization": authorization.replace(KEY_ID, "PKNOBODYNOBODYNOBODY")}

        assert told(wire, BODY, plain) == (400, "MissingAuthenticationTokenException", "Missing Authentication Token")
        assert wire.send(BODY, {**plain, "Authorization": "garbage"}).error == "IncompleteSignatureException"
        assert wire.send(BODY, {**plain, "Authorization": "Bearer abc"}).error == "IncompleteSignatureException"
        assert told(wire, BODY, forged) == (400, "InvalidSignatureException", MISMATCH)
        assert told(wire, BODY, nobody) == (400, "UnrecognizedClientException", UNKNOWN)

    old = [(one, wire.signed(headers_of(one), BODY, service=one.model.name)) for one in SIGNED]
    wire.world.clock.advance(5 * MINUTE + SECOND)
    for _, headers in old:
        status, name, sentence = told(wire, BODY, headers)
        assert (status, name) == (400, "InvalidSignatureException")
        assert sentence.startswith("Signature expired: ")


def test_an_unknown_target_is_unknown(wire: Wire) -> None:
    """attacks.md 35: what is in no table is not run, signed or not."""
    for target in ("AWSCognitoIdentityProviderService.AdminEverything", "AWSCognitoIdentityProviderService.", "x", ""):
        headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        assert wire.send(BODY, headers).error == "UnknownOperationException"
        assert wire.send(BODY, wire.signed(headers, BODY)).error == "UnknownOperationException"


def listing(wire: Wire) -> tuple[bytes, dict[str, str]]:
    """Return a signed request that is answered."""
    body = b'{"MaxResults": 1}'
    return body, wire.signed(headers_of(COGNITO_IDP.operations["ListUserPools"]), body)


def test_a_signature_holds_for_what_was_signed(wire: Wire) -> None:
    """attacks.md 36: it is taken as it is, and for no other body, target, time, region, service or key."""
    body, good = listing(wire)
    assert wire.send(body, good).status == 200
    date = good["X-Amz-Date"]
    scope = f"{date[:8]}/us-east-1/cognito-idp/"
    changed = [
        (body + b" ", good),
        (body, {**good, "X-Amz-Target": "AWSCognitoIdentityProviderService.CreateUserPool"}),
        (body, {**good, "X-Amz-Date": f"{date[:-3]}{(int(date[-3:-1]) + 1) % 60:02}Z"}),
        (body, {**good, "Authorization": good["Authorization"].replace(scope, f"{date[:8]}/us-east-2/cognito-idp/")}),
        (body, {**good, "Authorization": good["Authorization"].replace(scope, f"{date[:8]}/us-east-1/sts/")}),
        (body, {**good, "X-Amz-Content-Sha256": "0" * 64}),
        (body, {**good, "X-Amz-Extra": "unsigned"}),
    ]
    for other_body, headers in changed:
        assert wire.send(other_body, headers).error == "InvalidSignatureException", headers


def test_a_replay_ends_with_its_five_minutes(wire: Wire) -> None:
    """attacks.md 36: the same request is taken until the fifth minute and refused after it, and in the future it is refused too."""
    wire.world.clock.time = round_to_second(wire.world.clock.time) + SECOND
    body, good = listing(wire)
    wire.world.clock.advance(5 * MINUTE)
    assert wire.send(body, good).status == 200
    wire.world.clock.advance(SECOND)
    assert wire.send(body, good).error == "InvalidSignatureException"
