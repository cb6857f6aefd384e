"""Who is limited, in tests of clients? A user of the account who may assume one role that reads, and their profiles."""

import json
from pathlib import Path
from typing import Any

from clients.serving import REGION, Server, service

ROLE_ARN = "arn:aws:iam::000000000000:role/support"


def limited_user(server: Server) -> dict[str, Any]:
    """Make a user who may assume a role, and nothing else; return their key with their ARN."""
    iam = service(server, "iam")
    user = iam.create_user(UserName="ada")["User"]
    iam.put_user_policy(UserName="ada", PolicyName="own", PolicyDocument=_document("sts:AssumeRole"))
    trust = {"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="support", AssumeRolePolicyDocument=_policy(trust))
    iam.attach_role_policy(RoleName="support", PolicyArn="arn:aws:iam::aws:policy/AmazonCognitoReadOnly")
    key: dict[str, Any] = iam.create_access_key(UserName="ada")["AccessKey"]
    return {**key, "Arn": user["Arn"]}


def profiles(folder: Path, key: dict[str, Any], *, session: str) -> Path:
    """Write a configuration as people have it in ~/.aws/config: the user's own profile, and the role's by it."""
    file = folder / "aws-config"
    file.write_text(
        f"[profile limited]\nregion = {REGION}\n"
        f"aws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n\n"
        f"[profile support]\nregion = {REGION}\nrole_arn = {ROLE_ARN}\nsource_profile = limited\n"
        f"role_session_name = {session}\n"
    )
    return file


def _document(*actions: str) -> str:
    return _policy({"Effect": "Allow", "Action": list(actions), "Resource": "*"})


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
