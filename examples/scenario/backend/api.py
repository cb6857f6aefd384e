"""What does the backend do? It lists the caller's files, by the caller's own credentials: it has no rights itself."""

import os
from typing import Annotated

import boto3
from botocore.exceptions import ClientError
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

ENDPOINT, REGION = os.environ["APP_ENDPOINT"], os.environ["APP_REGION"]
LOGIN = f"cognito-idp.{REGION}.amazonaws.com/{os.environ['APP_POOL_ID']}"

app = FastAPI()
identities = boto3.client("cognito-identity", endpoint_url=ENDPOINT, region_name=REGION)


@app.get("/api/files")
def files(shown: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]) -> list[str]:
    """Return the names of the caller's files.

    Raises HTTPException: 401 where the identity pool takes no such ID token.
    """
    logins = {LOGIN: shown.credentials}
    try:
        identity_id = identities.get_id(IdentityPoolId=os.environ["APP_IDENTITY_POOL_ID"], Logins=logins)["IdentityId"]
        made = identities.get_credentials_for_identity(IdentityId=identity_id, Logins=logins)["Credentials"]
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "NotAuthorizedException":
            raise
        raise HTTPException(401, fault.response["Error"]["Message"], headers={"WWW-Authenticate": "Bearer"}) from fault
    s3 = boto3.client(
        "s3",
        endpoint_url=os.environ["APP_STORE"],
        region_name=REGION,
        aws_access_key_id=made["AccessKeyId"],
        aws_secret_access_key=made["SecretKey"],
        aws_session_token=made["SessionToken"],
    )
    prefix = f"{identity_id}/"
    listed = s3.list_objects_v2(Bucket=os.environ["APP_BUCKET"], Prefix=prefix)
    return [one["Key"].removeprefix(prefix) for one in listed.get("Contents", [])]
