"""Do clients take roles by themselves? A profile with role_arn is all that they are told."""

import json
import subprocess
import sys
from pathlib import Path

from clients.limited import ROLE_ARN, limited_user, profiles
from clients.serving import REGION, client_environment, new_pool, serving
from clients.telling import told_by_node


def test_clients_take_roles_by_a_profile(tmp_path: Path) -> None:
    """The AWS SDK for JavaScript and the AWS CLI ask sts for the role, and are refused in AWS's sentence beyond it."""
    with serving(tmp_path) as server:
        pool_id, key = new_pool(server), limited_user(server)
        config = profiles(tmp_path, key, session="in-javascript")
        told = told_by_node(
            tmp_path,
            "aws_sdk_roles.mjs",
            server,
            poolId=pool_id,
            configFile=str(config),
            userArn=key["Arn"],
            roleArn=ROLE_ARN,
        )
        assert told["accessKeyId"].startswith("ASIA")

        environment = client_environment(
            tmp_path, AWS_CONFIG_FILE=str(config), AWS_ENDPOINT_URL=server.endpoint, AWS_DEFAULT_REGION=REGION
        )

        def aws(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [str(Path(sys.executable).with_name("aws")), "--output", "json", *arguments]
            return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

        identity = json.loads(aws("--profile", "support", "sts", "get-caller-identity").stdout)
        assert identity["Arn"] == "arn:aws:sts::000000000000:assumed-role/support/in-javascript"
        read = aws("--profile", "support", "cognito-idp", "describe-user-pool", "--user-pool-id", pool_id)
        assert json.loads(read.stdout)["UserPool"]["Id"] == pool_id
        denied = aws("--profile", "support", "cognito-idp", "delete-user-pool", "--user-pool-id", pool_id)
        assert "(AccessDeniedException) when calling the DeleteUserPool operation: User: arn:aws:sts::" in denied.stderr
        limited = aws("--profile", "limited", "iam", "list-users")
        assert "(AccessDenied) when calling the ListUsers operation: User: " in limited.stderr
        assert "iam:ListUsers on resource: arn:aws:iam::000000000000:user/ because" in limited.stderr
