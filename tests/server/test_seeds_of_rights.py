"""Are policies, roles, IAM users with access keys and identity pools there that a seed file asks for? Once, all or nothing of each."""

from pathlib import Path

import pytest

from server import program
from server.operating import KEY, client_of, refused
from server.program import Place, place, serving

POOL = "us-east-1:11111111-2222-4333-8444-555555555555"
ACCESS = ("AKIABACKEND000000001", "a-secret-of-development")


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    """Write the file of the documentation."""
    page = Path(__file__).parents[2].joinpath("docs", "seeds.md").read_text()
    file = tmp_path / "docs.toml"
    file.write_text(page.split("```toml\n")[1].split("```")[0])
    return file


def test_rights_of_a_seed_count_and_are_made_once(installed: Place, seed: Path) -> None:
    """The key signs and may do what its policies say, a member gets the role, and what was taken away stays away."""
    with serving(installed, "--dev", "--seed", str(seed)):
        backend = client_of(installed, key=ACCESS)
        assert [one["Id"] for one in backend.list_user_pools(MaxResults=5)["UserPools"]] == ["us-east-1_Books"]
        refused(lambda: backend.create_user_pool(PoolName="more"), "AccessDeniedException")
        identity = client_of(installed, "cognito-identity")
        described = identity.describe_identity_pool(IdentityPoolId=POOL)
        assert described["IdentityPoolName"] == "books"
        told = identity.get_identity_pool_roles(IdentityPoolId=POOL)
        assert told["Roles"] == {"authenticated": "arn:aws:iam::000000000000:role/members"}
        assert [one["Type"] for one in told["RoleMappings"].values()] == ["Token"]

        parameters = {"USERNAME": "ada", "PASSWORD": "Swim-in-2-pools"}
        tokens = client_of(installed).initiate_auth(
            ClientId="bookshop", AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
        )["AuthenticationResult"]
        logins = {"cognito-idp.us-east-1.amazonaws.com/us-east-1_Books": tokens["IdToken"]}
        found = identity.get_id(IdentityPoolId=POOL, Logins=logins)["IdentityId"]
        given = identity.get_credentials_for_identity(IdentityId=found, Logins=logins)["Credentials"]
        key = (given["AccessKeyId"], given["SecretKey"])
        member = client_of(installed, "sts", key=key, token=given["SessionToken"]).get_caller_identity()
        assert ":assumed-role/members/" in member["Arn"]
        client_of(installed, "iam").delete_access_key(UserName="backend", AccessKeyId=ACCESS[0])
        arn = "arn:aws:iam::000000000000:policy/reading"
        client_of(installed, "iam").detach_user_policy(UserName="backend", PolicyArn=arn)
    with serving(installed, "--dev", "--seed", str(seed)):
        attached = client_of(installed, "iam").list_attached_user_policies(UserName="backend")["AttachedPolicies"]
        assert [one["PolicyName"] for one in attached] == ["AmazonCognitoReadOnly"]
        assert len(client_of(installed, "iam").list_roles()["Roles"]) == 1


def test_all_faults_of_rights_are_told_with_their_lines_and_nothing_is_half_made(tmp_path: Path) -> None:
    """Ids, secrets, policies that are not there, documents and rules that AWS refuses."""
    where = place(tmp_path, **KEY)
    file = tmp_path / "bad.toml"
    file.write_text(
        '[[policies]]\nPolicyName = "p"\nPolicyDocument = {Version = "1999-01-01"}\n'
        '[[roles]]\nRoleName = "r"\nAssumeRolePolicyDocument = "{}"\npolicies = ["nobodys"]\n'
        '[[iam_users]]\nUserName = "u"\npolicies = ["nobodys", "others"]\n'
        '[[iam_users]]\nUserName = "my_own"\n'
        '[[iam_users.access_keys]]\nid = "short"\nsecret = "s"\n'
        '[[identity_pools]]\nid = "pool"\nIdentityPoolName = "a"\nAllowUnauthenticatedIdentities = true\n'
        '[[identity_pools]]\nid = "us-east-1:11111111-2222-4333-8444-666666666666"\nIdentityPoolName = "b"\n'
        'AllowUnauthenticatedIdentities = true\nRoleMappings = {nobody = {Type = "Token"}}\n'
    )
    told = program.run(where, "serve", "--dev", "--tls-port", str(where.tls_port), "--seed", str(file))
    assert told.returncode == 2
    lines = [line.strip().removeprefix(f"{file}:") for line in told.stderr.splitlines() if f"{file}:" in line]
    assert [line.partition(":")[0] for line in lines] == ["1", "4", "8", "8", "13", "13", "16", "20"]
    assert lines[2] == "8: Policy nobodys was not found."
    assert lines[4].startswith("13: 'short' is no id of an access key")
    assert lines[6].startswith("16: The id of an identity pool is a region, : and a UUID")
    assert "not a valid RoleMapping" in lines[7]
    with serving(where, "--dev"):
        iam = client_of(where, "iam")
        assert [one["UserName"] for one in iam.list_users()["Users"]] == ["my_own"]
        assert iam.list_roles()["Roles"] == []
        assert client_of(where, "cognito-identity").list_identity_pools(MaxResults=5)["IdentityPools"] == []


def test_a_key_belongs_to_one_user(tmp_path: Path) -> None:
    """Its id in the file of another user is told with its line."""
    where = place(tmp_path, **KEY)
    file = tmp_path / "keys.toml"
    users = '[[iam_users]]\nUserName = "{0}"\n[[iam_users.access_keys]]\nid = "AKIASHARED0000000{1}"\nsecret = "0123456789abcdef"\n'
    file.write_text(users.format("a", "001"))
    with serving(where, "--dev", "--seed", str(file)):
        pass
    file.write_text(users.format("b", "001"))
    told = program.run(where, "serve", "--dev", "--tls-port", str(where.tls_port), "--seed", str(file))
    assert f"{file}:3: There is an access key AKIASHARED0000000001 already." in told.stderr
