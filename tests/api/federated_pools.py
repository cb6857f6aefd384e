"""On which pool do the triggers of a federated sign-in run? One with a provider and the functions."""

from api.federating import EMAIL, add_oidc
from api.own_code import OwnCode
from api.world import PoolOfTests, World


def pool_with(world: World, code: OwnCode, *names: str, **lines: str) -> PoolOfTests:
    """Make a pool with these triggers and a provider; `lines` are Python for one of them each."""
    config: dict[str, object] = {}
    for name in {*names, *lines}:
        arn = code.function(name, *filter(None, [lines.get(name, "")]))
        config[name] = {"LambdaArn": arn, "LambdaVersion": "V1_0"} if name == "InboundFederation" else arn
    pool = world.pool(LambdaConfig=config)
    add_oidc(pool, AttributeMapping={**EMAIL, "name": "name"})
    return pool
