"""May an operator's code change an identity provider's answer? Yes, InboundFederation may rewrite its attributes."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.call import Call
from poolkeeper.model.client import Client
from poolkeeper.model.pool import Pool
from poolkeeper.triggers.asking import ask, is_set, texts
from poolkeeper.triggers.events import event_of_call


class _Inbound(msgspec.Struct, frozen=True, rename="camel"):
    user_attributes_to_map: dict[str, Any] | None = None


async def inbound_federation(
    call: Call,
    pool: Pool,
    client: Client,
    *,
    username: str,
    provider_name: str,
    provider_type: str,
    attributes: Callable[[], Mapping[str, Mapping[str, str]]],
) -> Mapping[str, str] | None:
    """Ask InboundFederation for the attributes to store, None where the provider's stay as they are.

    `username` is `<Provider>_<subject>`. `attributes` returns {tokenResponse, idToken, userInfo} of OIDC and social
    providers, {samlResponse} of SAML. The returned attributes replace all of them. Raises as `ask` does.
    """
    if not is_set(pool, "InboundFederation"):
        return None
    event = event_of_call(
        call,
        pool,
        client,
        source="InboundFederation_ExternalProvider",
        username=username,
        request={
            "providerName": provider_name,
            "providerType": provider_type,
            "attributes": {name: dict(values) for name, values in attributes().items()},
        },
        # UNVERIFIED: what the answer is filled in with; the guide's test event has an empty map.
        response={"userAttributesToMap": {}},
    )
    answer = await ask(call, pool, "InboundFederation", event, _Inbound)
    return texts("InboundFederation", answer.user_attributes_to_map) or None
