"""SetRiskConfiguration, DescribeRiskConfiguration: what a pool, or one of its app clients, does about risk.

Source: identity-security.md 4.1, infrastructure.md 4. The pool's settings are in its document, a client's in the client's.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    DescribeRiskConfigurationRequest,
    DescribeRiskConfigurationResponse,
    RiskConfigurationType,
    SetRiskConfigurationRequest,
    SetRiskConfigurationResponse,
)
from poolkeeper.call import Call
from poolkeeper.lookup import require_client_of, require_pool
from poolkeeper.model.pool import Pool
from poolkeeper.model.protection import SETTING, require_configuration
from poolkeeper.operations import client_documents
from poolkeeper.operations.pool_documents import amend
from poolkeeper.store.db import Transaction

_IDS = ("UserPoolId", "ClientId")
_EVENTS = ["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"]
_COMPROMISED = "CompromisedCredentialsRiskConfiguration"
_MODIFIED = "LastModifiedDate"


async def set_risk_configuration(call: Call, req: SetRiskConfigurationRequest) -> SetRiskConfigurationResponse:
    """Replace all settings for risk; without any member they are removed, and a client has the pool's settings again.

    While a pool's threat protection is off they have no effect. Raises ResourceNotFoundException, InvalidParameterException.
    """
    pool, client_id = await _target(call, req.user_pool_id, req.client_id)
    members: dict[str, Any] = msgspec.to_builtins(req)
    settings = _with_defaults({name: value for name, value in members.items() if name not in _IDS})
    require_configuration(settings)
    if settings:
        settings[_MODIFIED] = call.now

    def changed(document: Mapping[str, Any]) -> dict[str, Any]:
        bare = {name: value for name, value in document.items() if name != SETTING}
        return {**bare, SETTING: settings} if settings else bare

    if client_id is None:
        await amend(call, pool.pool_id, changed)
    else:
        await _amend_client(call, pool.pool_id, client_id, changed)
    return SetRiskConfigurationResponse(risk_configuration=_configuration(pool.pool_id, client_id, settings))


async def describe_risk_configuration(
    call: Call, req: DescribeRiskConfigurationRequest
) -> DescribeRiskConfigurationResponse:
    """Return the settings for a pool, or for one of its app clients.

    Raises ResourceNotFoundException.
    """
    pool, client_id = await _target(call, req.user_pool_id, req.client_id)
    document = pool.document
    if client_id is not None:
        # UNVERIFIED: that a client that has the pool's is answered without any; one such call against AWS would settle it.
        document = (await require_client_of(call, pool.pool_id, client_id))[1].document
    settings = document.get(SETTING, {})
    return DescribeRiskConfigurationResponse(risk_configuration=_configuration(pool.pool_id, client_id, settings))


# UNVERIFIED: when AWS answers UserPoolAddOnNotEnabledException, which both models have: pools that name nothing but their name
# keep a configuration there (infrastructure.md 4). One call of a pool whose AdvancedSecurityMode is OFF would settle it.
async def _target(call: Call, pool_id: str, client_id: str | None) -> tuple[Pool, str | None]:
    if client_id is None:
        pool = await require_pool(call, pool_id)
    else:
        pool, _ = await require_client_of(call, pool_id, client_id)
    return pool, client_id


def _with_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings; a missing EventFilter is filled in with all events (AWS: EventFilter)."""
    compromised = settings.get(_COMPROMISED)
    if compromised is None:
        return settings
    return {**settings, _COMPROMISED: {**compromised, "EventFilter": compromised.get("EventFilter") or _EVENTS}}


def _configuration(pool_id: str, client_id: str | None, settings: Mapping[str, Any]) -> RiskConfigurationType:
    ids = {"UserPoolId": pool_id} if client_id is None else {"UserPoolId": pool_id, "ClientId": client_id}
    modified = {_MODIFIED: settings[_MODIFIED] / 1000} if _MODIFIED in settings else {}
    return msgspec.convert({**settings, **ids, **modified}, RiskConfigurationType)


async def _amend_client(
    call: Call, pool_id: str, client_id: str, change: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> None:
    """Change an app client's document from what it is at that moment, so that concurrent changes are all kept."""

    async def body(tx: Transaction) -> None:
        await client_documents.amend(tx, call, pool_id, client_id, change)

    await call.db.write(body)
