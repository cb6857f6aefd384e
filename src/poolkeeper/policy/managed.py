"""Which of AWS's own policies concern us? Four of them, as AWS publishes them: ARN, id, dates and document.

Source: AWS Managed Policy Reference Guide, and answers of GetPolicy and GetPolicyVersion in public collections (November 2026).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ManagedPolicy:
    """A policy of AWS's own, at path `/`. `created` and `updated` (of its default version) are ISO 8601, as IAM answers."""

    name: str
    id: str
    version: str
    created: str
    updated: str
    description: str
    document: str

    @property
    def arn(self) -> str:
        """Return the ARN by which every account attaches it."""
        return f"arn:aws:iam::aws:policy/{self.name}"


_ADMINISTRATOR: Final = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"""

_POWER_USER: Final = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "cognito-identity:*",
        "cognito-idp:*",
        "cognito-sync:*",
        "iam:ListRoles",
        "iam:ListOpenIdConnectProviders",
        "iam:GetRole",
        "iam:ListSAMLProviders",
        "iam:GetSAMLProvider",
        "kinesis:ListStreams",
        "lambda:GetPolicy",
        "lambda:ListFunctions",
        "sns:GetSMSSandboxAccountStatus",
        "sns:ListPlatformApplications",
        "ses:ListIdentities",
        "ses:GetIdentityVerificationAttributes",
        "mobiletargeting:GetApps",
        "acm:ListCertificates",
        "sms-voice:DescribeAccountAttributes"
      ],
      "Resource": "*"
    },
    {
      "Effect": "Allow",
      "Action": "iam:CreateServiceLinkedRole",
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "iam:AWSServiceName": [
            "cognito-idp.amazonaws.com",
            "email.cognito-idp.amazonaws.com"
          ]
        }
      }
    },
    {
      "Effect": "Allow",
      "Action": [
        "iam:DeleteServiceLinkedRole",
        "iam:GetServiceLinkedRoleDeletionStatus"
      ],
      "Resource": [
        "arn:aws:iam::*:role/aws-service-role/cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdp*",
        "arn:aws:iam::*:role/aws-service-role/email.cognito-idp.amazonaws.com/AWSServiceRoleForAmazonCognitoIdpEmail*"
      ]
    }
  ]
}"""

_READ_ONLY: Final = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "cognito-identity:Describe*",
        "cognito-identity:Get*",
        "cognito-identity:List*",
        "cognito-idp:Describe*",
        "cognito-idp:AdminGet*",
        "cognito-idp:AdminList*",
        "cognito-idp:List*",
        "cognito-idp:Get*",
        "cognito-sync:Describe*",
        "cognito-sync:Get*",
        "cognito-sync:List*",
        "iam:ListOpenIdConnectProviders",
        "iam:ListRoles",
        "sns:ListPlatformApplications"
      ],
      "Resource": "*"
    }
  ]
}"""

_DEVELOPER: Final = """{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "cognito-identity:GetOpenIdTokenForDeveloperIdentity",
        "cognito-identity:LookupDeveloperIdentity",
        "cognito-identity:MergeDeveloperIdentities",
        "cognito-identity:UnlinkDeveloperIdentity"
      ],
      "Resource": "*"
    }
  ]
}"""

_ALL: Final = (
    ManagedPolicy(
        name="AdministratorAccess",
        id="ANPAIWMBCKSKIEE64ZLYK",
        version="v1",
        created="2015-02-06T18:39:46Z",
        updated="2015-02-06T18:39:46Z",
        description="Provides full access to AWS services and resources.",
        document=_ADMINISTRATOR,
    ),
    ManagedPolicy(
        name="AmazonCognitoDeveloperAuthenticatedIdentities",
        id="ANPAIQOKZ5BGKLCMTXH4W",
        version="v1",
        created="2015-03-24T17:22:23Z",
        updated="2015-03-24T17:22:23Z",
        description="Provides access to Amazon Cognito APIs to support developer authenticated identities from your "
        "authentication backend.",
        document=_DEVELOPER,
    ),
    ManagedPolicy(
        name="AmazonCognitoPowerUser",
        id="ANPAJKW5H2HNCPGCYGR6Y",
        version="v9",
        created="2015-03-24T17:14:56Z",
        updated="2026-02-12T18:00:09Z",
        description="Provides administrative access to existing Amazon Cognito resources. You will need AWS account admin "
        "privileges to create new Cognito resources.",
        document=_POWER_USER,
    ),
    ManagedPolicy(
        name="AmazonCognitoReadOnly",
        id="ANPAJBFTRZD2GQGJHSVQK",
        version="v4",
        created="2015-03-24T17:06:46Z",
        updated="2019-08-01T19:21:04Z",
        description="Provides read only access to Amazon Cognito resources.",
        document=_READ_ONLY,
    ),
)

# By ARN, in the order of their names.
MANAGED_POLICIES: Final[Mapping[str, ManagedPolicy]] = {policy.arn: policy for policy in _ALL}
