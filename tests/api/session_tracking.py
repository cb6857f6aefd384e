"""How does a test have a client's sessions tracked? By the setting of its pool or client."""

from typing import Any

from api.world import PoolOfTests


def track(pool: PoolOfTests, settings: dict[str, Any]) -> dict[str, Any]:
    """Call SetUserPoolSessionConfiguration; return what it answers."""
    return bare(pool.world.signed.set_user_pool_session_configuration(UserPoolId=pool.pool_id, **settings))


def bare(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}
