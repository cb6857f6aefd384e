"""By which variables do AWS's SDKs and its CLI find a server? By those of its services alone.

AWS_ENDPOINT_URL would send every other service's calls of the same shell here too.
"""

SERVICES = ("COGNITO_IDENTITY_PROVIDER", "COGNITO_IDENTITY", "STS", "IAM")


def endpoints(address: str) -> dict[str, str]:
    """Return the variables that name the endpoint of each service (SDKs and Tools Reference Guide, service-specific endpoints)."""
    return {f"AWS_ENDPOINT_URL_{service}": address for service in SERVICES}


def regions(region: str) -> dict[str, str]:
    """Return the region: boto3 and version 1 of the AWS CLI read the second name, the other SDKs the first."""
    return {"AWS_REGION": region, "AWS_DEFAULT_REGION": region}


def keys(access_key_id: str, secret: str) -> dict[str, str]:
    """Return the access key."""
    return {"AWS_ACCESS_KEY_ID": access_key_id, "AWS_SECRET_ACCESS_KEY": secret}
