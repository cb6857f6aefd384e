"""How does a test assume a role by an assertion? By a role that trusts the provider."""

from typing import Any

from api.principals import Statement, role, trust
from identity.saml import AWS, ProviderOfTests
from identity.web_identities import LIST

ACTION = "sts:AssumeRoleWithSAML"


def trusting(provider: ProviderOfTests, *actions: str, wanted: dict[str, Any] | None = None, **more: Any) -> str:
    """Make a role that trusts a provider's users, as AWS's console writes it."""
    condition = {"StringEquals": {"saml:aud": AWS, **(wanted or {})}}
    trusted: Statement = trust({"Federated": provider.arn}, *(actions or (ACTION,)), Condition=condition)
    return role(provider.world, trusted, allows=(LIST,), **more)


def assume(provider: ProviderOfTests, arn: str, response: str, **more: Any) -> dict[str, Any]:
    """Call AssumeRoleWithSAML, unsigned."""
    sts = provider.world.client("sts", signed=False)
    given = {"RoleArn": arn, "PrincipalArn": provider.arn, "SAMLAssertion": response, **more}
    answer: dict[str, Any] = sts.assume_role_with_saml(**given)
    return answer
