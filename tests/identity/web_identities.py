"""How does a test assume a role by a token? With the token of an identity, by an unmodified client."""

from typing import Any

from api.principals import Holder, allow, holder_of
from api.world import World
from identity.stage import IdentityPoolOfTests

ACTION = "sts:AssumeRoleWithWebIdentity"


LIST = allow("cognito-idp:ListUserPools")


def assume(world: World, role_arn: str, token: str, **more: Any) -> dict[str, Any]:
    """Call AssumeRoleWithWebIdentity, unsigned."""
    sts = world.client("sts", signed=False)
    given = {"RoleArn": role_arn, "RoleSessionName": "web", "WebIdentityToken": token, **more}
    answer: dict[str, Any] = sts.assume_role_with_web_identity(**given)
    return answer


def open_id_token(pool: IdentityPoolOfTests, name: str = "ada") -> tuple[str, str]:
    """Return an identity's id and OpenID token: the classic flow."""
    logins = pool.logins(name)
    identity_id = pool.get_id(logins)
    return identity_id, str(pool.token(identity_id, logins)["Token"])


def holder(world: World, answer: dict[str, Any]) -> Holder:
    return holder_of(world, answer["Credentials"], answer["AssumedRoleUser"]["Arn"])
