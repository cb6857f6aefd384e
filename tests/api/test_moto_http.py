"""What do moto's own tests ask of user pools by plain HTTP and of moto's own inside, and is it answered so here? By moto's names.

Source: getmoto/moto, tests/test_cognitoidp (commit 0af643a, August 2026): test_server,
test_cognitoidp_utils and test_cognitoidp_replay. Where AWS's contract says otherwise this server keeps to the contract, and
the case says what is answered instead (emulators.md 1).
"""

import json
from typing import Any

import pyotp
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from api.world import KEY_ID, KEY_SECRET, PASSWORD, World, refused
from poolkeeper.clock import SECOND
from poolkeeper.crypto import totp

FORGED = (
    "AWS4-HMAC-SHA256 Credential=abcd/20010101/us-east-2/s3/aws4_request, "
    "SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=..."
)


def signed(world: World, operation: str, given: dict[str, Any]) -> dict[str, Any]:
    """Call an operation by HTTP with a signature of the root's."""
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
    }
    request = AWSRequest(method="POST", url=f"{world.url}/", data=json.dumps(given), headers=headers)
    SigV4Auth(Credentials(KEY_ID, KEY_SECRET), "cognito-idp", "us-east-1").add_auth(request)
    status, _, body = world.http("POST", "/", body=json.dumps(given).encode(), headers=dict(request.headers.items()))
    assert status == 200, body
    told: dict[str, Any] = json.loads(body) if body else {}
    return told


@pytest.fixture
def client_id(world: World) -> str:
    """Make a pool and a client that allows a password, by HTTP."""
    pool_id = signed(world, "CreateUserPool", {"PoolName": "test-pool"})["UserPool"]["Id"]
    wanted = {"UserPoolId": pool_id, "ClientName": "some-client", "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}
    made = signed(world, "CreateUserPoolClient", wanted)["UserPoolClient"]["ClientId"]
    listed = signed(world, "ListUserPoolClients", {"UserPoolId": pool_id, "MaxResults": 10})["UserPoolClients"]
    assert [one["ClientId"] for one in listed] == [made]
    return str(made)


def pool_of(world: World, client_id: str) -> str:
    """Return the pool of a client."""
    return str(world.rows("SELECT pool_id FROM clients WHERE client_id = $1", client_id)[0][0])


def test_somebody_signs_up_without_a_signature(world: World, client_id: str) -> None:
    """sign_up_user_without_authentication, associate_software_token.

    Otherwise: a signature that is none makes no pool, a code that was not sent confirms nobody, a client without a secret
    passes over SECRET_HASH as moto's does, and an app's secret is another each time, in pools that take apps.
    """
    status, told = world.call("CreateUserPool", {"PoolName": "test-pool"}, Authorization=FORGED)
    assert (status, told["__type"]) == (400, "IncompleteSignatureException")

    name = "test@gmail.com"
    status, told = world.call("SignUp", {"ClientId": client_id, "Username": name, "Password": PASSWORD})
    assert (status, told["UserConfirmed"]) == (200, False)
    status, told = world.call("ConfirmSignUp", {"ClientId": client_id, "Username": name, "ConfirmationCode": "sth"})
    assert (status, told["__type"]) == (400, "ExpiredCodeException")
    signed(world, "AdminConfirmSignUp", {"UserPoolId": pool_of(world, client_id), "Username": name})
    parameters = {"USERNAME": name, "PASSWORD": PASSWORD}
    body = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    status, told = world.call("InitiateAuth", body)
    token = {"AccessToken": told["AuthenticationResult"]["AccessToken"]}
    status, told = world.call("GetUser", token)
    assert (status, told["Username"]) == (200, name)
    status, told = world.call("AssociateSoftwareToken", token)
    assert (status, told["__type"]) == (400, "SoftwareTokenMFANotFoundException")
    app = {"MfaConfiguration": "OPTIONAL", "SoftwareTokenMfaConfiguration": {"Enabled": True}}
    signed(world, "SetUserPoolMfaConfig", {"UserPoolId": pool_of(world, client_id), **app})
    secrets = [world.call("AssociateSoftwareToken", token)[1]["SecretCode"] for _ in range(2)]
    assert secrets[0] != secrets[1]
    assert all(len(one) == 52 for one in secrets)


def test_a_temporary_password_is_replaced_without_a_signature(world: World, client_id: str) -> None:
    """admin_create_user_without_authentication. Otherwise: that operation wants a signature, whatever its test is called."""
    wanted = {"UserPoolId": pool_of(world, client_id), "Username": "ada", "TemporaryPassword": PASSWORD}
    status, told = world.call("AdminCreateUser", wanted)
    assert (status, told["__type"]) == (400, "MissingAuthenticationTokenException")
    signed(world, "AdminCreateUser", wanted)
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    body: dict[str, Any] = {"ClientId": client_id, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": parameters}
    session = world.call("InitiateAuth", body)[1]["Session"]
    responses = {"USERNAME": "ada", "NEW_PASSWORD": "A!1aabcdefgh"}
    body = {"ClientId": client_id, "ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeResponses": responses}
    status, told = world.call("RespondToAuthChallenge", {**body, "Session": session})
    assert (status, {"IdToken", "AccessToken"} <= told["AuthenticationResult"].keys()) == (200, True)


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "ap-southeast-1"])
def test_keys_are_told_to_everybody(world: World, region: str) -> None:
    """Stand for twelve of moto's cases.

    jwks_endpoint_without_auth_header, jwks_endpoint_on_moto_server, jwks_endpoint_non_us_east_1_region,
    jwks_endpoint_non_default_region, jwks_endpoint_post_rejected; jwks_path_with_valid_pool_id,
    jwks_path_with_different_region, jwks_path_without_underscore_in_pool_id, jwks_path_with_trailing_slash,
    non_jwks_path_returns_none, root_path_returns_none, empty_pool_id_jwks_path.

    Otherwise: moto has one set of keys for every name, of a pool or not; here a pool has its own, and what is no pool
    none.
    """
    pool_id = world.client(region=region).create_user_pool(PoolName="keys")["UserPool"]["Id"]
    path = f"/{pool_id}/.well-known/jwks.json"
    status, headers, body = world.get(path)
    assert (status, headers["content-type"].partition(";")[0]) == (200, "application/json")
    keys = json.loads(body)["keys"]
    assert {(one["kty"], one["alg"], one["use"]) for one in keys} == {("RSA", "RS256", "sig")}
    assert len({one["kid"] for one in keys}) == len(keys) >= 1
    assert world.http("POST", path, body=b"{}")[0] in {400, 404, 405}
    nobodys = (
        f"/{region}_FooBar123/.well-known/jwks.json",
        "/nounderscore/.well-known/jwks.json",
        "/.well-known/jwks.json",
    )
    statuses = [world.get(other)[0] for other in (*nobodys, f"{path}/", "/some/other/path")]
    assert statuses == [404, 404, 400, 404, 404]  # at the server's own address a client must say whose keys are meant
    assert b'"keys"' not in world.get("/")[2]


def test_a_code_is_that_of_rfc_6238(world: World) -> None:
    """cognito_totp: as another implementation has it, with the same secret at the same moment."""
    secret = pyotp.random_base32(52)
    key, moment = totp.secret_of(secret), world.clock.now() // SECOND
    assert key is not None
    assert pyotp.TOTP(secret).at(moment) == totp.code(key, moment // 30)


def test_nothing_is_recorded_and_played_back(world: World) -> None:
    """Stand for two of moto's cases.

    same_seed, different_seed.

    Otherwise: moto's recorder and its seed are its own; ids are random here, and a seed file gives them where a test
    wants the same ones again (docs/seeds.md).
    """
    for path in ("/moto-api/seed?a=42", "/moto-api/recorder/start-recording", "/moto-api/recorder/replay-recording"):
        assert world.http("POST", path, body=b"")[0] in {400, 404, 405}
    pools = [world.signed.create_user_pool(PoolName="seeded")["UserPool"]["Id"] for _ in range(2)]
    assert pools[0] != pools[1]
    world.signed.delete_user_pool(UserPoolId=pools[0])
    assert refused(lambda: world.signed.describe_user_pool(UserPoolId=pools[0]))[0] == "ResourceNotFoundException"
