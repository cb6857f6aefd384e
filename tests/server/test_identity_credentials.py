"""Do credentials of identities outlive what an operator does? A restart, a new sealing key, and the end of the old one's time."""

from typing import Any

from server import program
from server.operating import client_of
from server.program import Place, serving

ROLE = "arn:aws:iam::000000000000:role/members"


def test_credentials_and_tokens_outlive_a_restart_and_a_new_sealing_key(installed: Place) -> None:
    """They verify by what stands in them, under whichever key of the ring sealed them."""
    with serving(installed):
        identity = client_of(installed, "cognito-identity")
        place = {
            "IdentityPoolId": identity.create_identity_pool(
                IdentityPoolName="operated",
                AllowUnauthenticatedIdentities=False,
                DeveloperProviderName="login.example",
            )["IdentityPoolId"]
        }
        identity.set_identity_pool_roles(**place, Roles={"authenticated": ROLE})
        vouched = identity.get_open_id_token_for_developer_identity(**place, Logins={"login.example": "u1"})
        first = credentials(installed, vouched)
        assert arn_of(installed, first)
        program.told(installed, "keys", "rotate-sealing")
        assert arn_of(installed, first)
        second = credentials(installed, vouched)
    with serving(installed):
        third = credentials(installed, vouched)
        arns = {arn_of(installed, one) for one in (first, second, third)}
    assert arns == {"arn:aws:sts::000000000000:assumed-role/members/CognitoIdentityCredentials"}


def credentials(where: Place, vouched: dict[str, Any]) -> dict[str, str]:
    """Get credentials for the token that a back end was given."""
    made: dict[str, str] = client_of(where, "cognito-identity").get_credentials_for_identity(
        IdentityId=vouched["IdentityId"], Logins={"cognito-identity.amazonaws.com": vouched["Token"]}
    )["Credentials"]
    return made


def arn_of(where: Place, held: dict[str, str]) -> str:
    """Return the ARN that credentials are of."""
    sts = client_of(where, "sts", key=(held["AccessKeyId"], held["SecretKey"]), token=held["SessionToken"])
    return str(sts.get_caller_identity()["Arn"])
