"""Does `poolkeeper status` say what one has forgotten? Where the server is, ids, keys, and lines for an .env file."""

import subprocess
from pathlib import Path

import pytest

from poolkeeper.server.status import LastStart, ListedPool, Status, env_lines, lines
from server import program
from server.operating import KEY, KEY_ID, client_of
from server.program import Place, place, serving

DEMO, CLIENT = "us-east-1_PoolDemo1", "poolkeeperdemo000000000001"


def test_status_says_what_is_here(installed: Place) -> None:
    """Beside a running server and after its end; of a second start the log says where to look."""
    told = program.run(installed, "status")
    assert told.returncode in {2, 3}
    with serving(installed, "--dev"):
        made = client_of(installed, "cognito-identity").create_identity_pool(
            IdentityPoolName="guests", AllowUnauthenticatedIdentities=True
        )
        said = program.told(installed, "status")
        assert f"  Endpoint  {installed.endpoint} (a server answers there)" in said
        assert f"  Issuer    {installed.endpoint}/<pool id>" in said
        assert f"  With TLS  {installed.tls_endpoint}, its authority: {installed.data / 'ca.pem'}" in said
        assert f"  Inbox     {installed.endpoint}/_dev/inbox" in said
        assert f"User pools: 1\n  {DEMO}  demo\n    app client {CLIENT}  demo" in said
        assert f"Identity pools:\n  {made['IdentityPoolId']}  guests" in said
        assert f"Access keys:\n  test  root, with the secret test, in development mode\n  {KEY_ID}  root\n" in said
        assert "poolkeeper keys create --name NAME --policy AdministratorAccess\n" in said
        assert said.endswith("poolkeeper status --env\n")
        elsewhere = program.told(installed, "status", "--data", f"{installed.data}/../data")
        assert "AdministratorAccess --data " in elsewhere
        assert elsewhere.endswith("poolkeeper status --env --data data/../data\n")
    with serving(installed, "--dev") as server:
        assert "The access key test (secret: test) signs here. Ids, keys and lines for a shell" in server.said()
    assert "(nobody answers there now)" in program.told(installed, "status")
    with serving(installed) as server:
        assert "poolkeeper status" not in server.said()
        said = program.told(installed, "status")
        assert "development mode" not in said
        assert "  test  root" not in said


def test_the_env_file_leads_every_program_here(tmp_path: Path) -> None:
    """A shell that reads it finds the server; browsers are shown ids and no key; a pool and a client can be named."""
    where = place(tmp_path, **KEY)
    with serving(where, "--dev"):
        idp = client_of(where)
        other = idp.create_user_pool(PoolName="other", UserPoolTags={"_custom_id_": "us-east-1_Zoo"})["UserPool"]["Id"]
        idp.create_user_pool_client(UserPoolId=other, ClientName="_custom_id_:zoo")
        lines = program.told(where, "status", "--env").splitlines()
        plain = {
            "COGNITO_ENDPOINT": where.endpoint,
            "COGNITO_REGION": "us-east-1",
            "COGNITO_USER_POOL_ID": DEMO,
            "COGNITO_CLIENT_ID": CLIENT,
            "COGNITO_ISSUER": f"{where.endpoint}/{DEMO}",
        }
        shown = {f"{prefix}{name}": value for prefix in ("VITE_", "NEXT_PUBLIC_") for name, value in plain.items()}
        endpoints = {
            f"AWS_ENDPOINT_URL_{service}": where.endpoint
            for service in ("COGNITO_IDENTITY_PROVIDER", "COGNITO_IDENTITY", "STS", "IAM")
        }
        aws = dict.fromkeys(("AWS_REGION", "AWS_DEFAULT_REGION"), "us-east-1")
        key = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
        assert dict(line.split("=", 1) for line in lines) == {**endpoints, **aws, **key, **plain, **shown}
        (where.folder / ".env").write_text("\n".join(lines) + "\n")
        script = 'set -a; . ./.env; aws cognito-idp describe-user-pool --user-pool-id "$COGNITO_USER_POOL_ID"'
        environment = {"PATH": where.environment["PATH"], "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true"}
        done = subprocess.run(
            ["bash", "-euc", script], env=environment, cwd=where.folder, capture_output=True, text=True, check=False
        )
        assert (done.returncode, '"Name": "demo"' in done.stdout) == (0, True), done.stderr
        for number in range(21):
            idp.create_user_pool_client(UserPoolId=DEMO, ClientName=f"_custom_id_:early{number:02}")
        assert "    and more" in program.told(where, "status").splitlines()
        assert f"COGNITO_CLIENT_ID={CLIENT}" in program.told(where, "status", "--env", "--client", CLIENT)
        for flags in (("--pool", other), ("--client", "zoo")):
            assert "COGNITO_CLIENT_ID=zoo" in program.told(where, "status", "--env", *flags)
        refused = program.run(where, "status", "--env", "--client", "nobody")
        assert (refused.returncode, "there is no nobody" in refused.stderr) == (2, True)


def test_a_name_makes_no_line_of_its_own() -> None:
    """AWS lets the name of a pool hold line breaks: with them it showed a pool, or a key, that is not there."""
    forged = "shop\nAccess keys:\n  AKIAEVIL  root"
    pool = ListedPool("us-east-1_Shop", forged, [("web", forged)])
    status = Status(
        start=None, answers=False, database="", pool_count=1, pools=[pool], identity_pools=[("us-east-1:1", forged)]
    )
    told = lines(status, program="poolkeeper")
    assert [line for line in told if line == "Access keys:"] == ["Access keys:"]
    assert not any("\n" in line for line in told)


def started(*pools: ListedPool) -> Status:
    """Return what is told of a server with these pools."""
    start = LastStart(
        at=0,
        version="0.1.0",
        dev=True,
        address="http://localhost:7665",
        issuer="http://localhost:7665",
        region="us-east-1",
        test_key=True,
    )
    return Status(start=start, answers=True, database="", pool_count=len(pools), pools=pools)


def test_a_pool_without_app_clients_is_there_all_the_same() -> None:
    """Its id is told, alone or by name; an app client's is not, and one that is asked for is another pool's or nobody's."""
    empty, shop = ListedPool("us-east-1_Empty", "empty"), ListedPool("us-east-1_Shop", "shop", [("web", "web")])
    for told in (env_lines(started(empty)), env_lines(started(shop, empty), pool_id="us-east-1_Empty")):
        assert "COGNITO_USER_POOL_ID=us-east-1_Empty" in told
        assert not any("CLIENT_ID" in line for line in told)
    assert "COGNITO_CLIENT_ID=web" in env_lines(started(empty, shop))
    with pytest.raises(LookupError, match="there is no web of us-east-1_Empty"):
        env_lines(started(empty, shop), pool_id="us-east-1_Empty", client_id="web")
