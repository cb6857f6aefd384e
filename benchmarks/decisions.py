"""What does a decision by IAM's policies cost? CPU time of a request that is made and judged, and of a policy that is read.

Usage: python benchmarks/decisions.py [rounds]
"""

import json
import sys
from collections.abc import Mapping

from primitives import Work, cpu

from poolkeeper.policy import Kind, Policy, Principal, PrincipalKind, Request, decide, parse
from poolkeeper.policy.managed import MANAGED_POLICIES

ACCOUNT = "123456789012"
POOL = f"arn:aws:cognito-idp:eu-west-1:{ACCOUNT}:userpool/eu-west-1_AbCdEfGhI"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/admin"
SESSION = Principal(
    PrincipalKind.ROLE_SESSION, f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/one", ACCOUNT, behind=(ROLE,)
)
CONTEXT: Mapping[str, str | tuple[str, ...]] = {
    "aws:PrincipalArn": ROLE,
    "aws:PrincipalAccount": ACCOUNT,
    "aws:PrincipalTag/team": "yellow",
    "aws:userid": "AROAEXAMPLE:one",
    "aws:SourceIp": "203.0.113.7",
    "aws:UserAgent": "Boto3/1.44.8",
    "aws:CurrentTime": "2026-11-30T09:00:00Z",
    "aws:EpochTime": "1796029200",
    "aws:SecureTransport": "true",
    "aws:RequestedRegion": "eu-west-1",
    "aws:ResourceTag/team": "yellow",
    "aws:TagKeys": ("team", "stage"),
}
CONDITIONED = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Action": "cognito-idp:Admin*",
        "Resource": f"arn:aws:cognito-idp:*:{ACCOUNT}:userpool/*",
        "Condition": {
            "StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"},
            "ForAllValues:StringLike": {"aws:TagKeys": ["team", "st*"]},
            "IpAddress": {"aws:SourceIp": ["198.51.100.0/24", "203.0.113.0/24"]},
            "DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"},
            "Bool": {"aws:SecureTransport": "true"},
        },
    },
}


def works() -> dict[str, Work]:
    document = MANAGED_POLICIES["arn:aws:iam::aws:policy/AmazonCognitoPowerUser"].document
    power_user = parse(document, Kind.MANAGED)
    conditioned = parse(json.dumps(CONDITIONED), Kind.IDENTITY)

    def judge(action: str, *policies: Policy, limit: Policy | None = None) -> Work:
        def work() -> object:
            request = Request(SESSION, action, POOL, CONTEXT)
            return decide(request, identity=policies, boundary=limit, session=None if limit is None else (limit,))

        return work

    allowed, refused = "cognito-idp:AdminGetUser", "s3:GetObject"
    return {
        "request alone": lambda: Request(SESSION, allowed, POOL, CONTEXT),
        "one policy, allowed": judge(allowed, power_user),
        "one policy, refused": judge(refused, power_user),
        "ten policies, allowed": judge(allowed, *[power_user] * 10),
        "ten policies, refused": judge(refused, *[power_user] * 10),
        "with boundary and session policy": judge(allowed, power_user, limit=power_user),
        "five conditions, a variable": judge(allowed, conditioned),
        "reading the policy": lambda: parse(document, Kind.MANAGED),
    }


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    for name, work in works().items():
        print(f"{name:36}{cpu(work, rounds) * 1e6:10.1f} us")


if __name__ == "__main__":
    main()
