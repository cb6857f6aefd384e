"""Do the commands of docs/importing.md work, as they stand there? AWS CLI and curl, unmodified, from the header to the first sign-in."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import bcrypt

from clients.serving import (
    ACCESS_KEY_ID,
    REGION,
    SECRET_ACCESS_KEY,
    USER_FLOWS,
    Server,
    client_environment,
    service,
)

PAGE = Path(__file__).resolve().parents[2] / "docs" / "importing.md"


def blocks() -> list[str]:
    """Return the shell blocks of the page."""
    return re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def test_the_commands_of_the_page_import_a_user_who_signs_in(server: Server, tmp_path: Path) -> None:
    """Each block in its turn, with a row in between; the old password signs in."""
    idp = service(server)
    pool_id = idp.create_user_pool(PoolName="imports", AutoVerifiedAttributes=["email"])["UserPool"]["Id"]
    environment = client_environment(
        tmp_path,
        AWS_ENDPOINT_URL=server.endpoint,
        AWS_DEFAULT_REGION=REGION,
        AWS_ACCESS_KEY_ID=ACCESS_KEY_ID,
        AWS_SECRET_ACCESS_KEY=SECRET_ACCESS_KEY,
    )
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    header, hashes, job, describing = (block.replace("us-east-1_EXAMPLE11", pool_id) for block in blocks())
    values = {
        "cognito:username": "ada",
        "email": "ada@example.com",
        "email_verified": "true",
        "cognito:mfa_enabled": "false",
        "cognito:password_hash": bcrypt.hashpw(b"The-old-password-1", bcrypt.gensalt(4)).decode(),
    }
    (tmp_path / "row.json").write_text(json.dumps(values))
    row = (
        'python3 -c \'import json; values = json.load(open("row.json")); file = open("users.csv", "r+"); '
        'columns = file.read().strip().split(","); print(",".join(values.get(one, "") for one in columns), file=file)\'\n'
    )
    script = "set -e\n" + header + hashes + row + job + describing
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    job_id = json.loads((tmp_path / "job.json").read_text())["UserImportJob"]["JobId"]
    assert f'"JobId": "{job_id}"' in done.stdout
    for _ in range(500):
        found = idp.describe_user_import_job(UserPoolId=pool_id, JobId=job_id)["UserImportJob"]
        if found["Status"] in {"Succeeded", "Failed"}:
            break
        time.sleep(0.02)
    assert (found["Status"], found["ImportedUsers"]) == ("Succeeded", 1), found
    client_id = idp.create_user_pool_client(UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=USER_FLOWS)[
        "UserPoolClient"
    ]["ClientId"]
    given = {"USERNAME": "ada", "PASSWORD": "The-old-password-1"}
    answer = idp.initiate_auth(ClientId=client_id, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=given)
    assert "AuthenticationResult" in answer
