"""Give an app client one of the brands of this folder: `python apply.py USER_POOL_ID CLIENT_ID bank|children|developer`.

The endpoint, the region and the keys come from the environment, as for every program of AWS's (AWS_ENDPOINT_URL and others). An
app client that has a style already keeps it, and what the brand says is laid over it.
"""

import json
import sys
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

FOLDER = Path(__file__).parent
BRANDS = ("bank", "children", "developer")


def style_of(brand: str) -> dict[str, Any]:
    """Return a brand as CreateManagedLoginBranding takes it: settings, and assets with their bytes."""
    folder = FOLDER / brand
    listed = json.loads((folder / "assets.json").read_text())
    assets = [{**asset, "Bytes": (folder / asset["Bytes"]["file"]).read_bytes()} for asset in listed]
    return {"Settings": json.loads((folder / "settings.json").read_text()), "Assets": assets}


def main(user_pool_id: str, client_id: str, brand: str) -> None:
    """Create the style, or change the one that is there."""
    client = boto3.client("cognito-idp")
    style = style_of(brand)
    try:
        made = client.create_managed_login_branding(UserPoolId=user_pool_id, ClientId=client_id, **style)
    except client.exceptions.ManagedLoginBrandingExistsException:
        held = client.describe_managed_login_branding_by_client(UserPoolId=user_pool_id, ClientId=client_id)
        branding_id = held["ManagedLoginBranding"]["ManagedLoginBrandingId"]
        made = client.update_managed_login_branding(
            UserPoolId=user_pool_id, ManagedLoginBrandingId=branding_id, **style
        )
    print(made["ManagedLoginBranding"]["ManagedLoginBrandingId"])


if __name__ == "__main__":
    if len(sys.argv) != 4 or sys.argv[3] not in BRANDS:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except BotoCoreError as fault:
        sys.exit(f"It cannot be applied: {fault}")
    except ClientError as fault:
        sys.exit(f"It was refused: {fault.response['Error']['Message']}")
