"""SetLogDeliveryConfiguration, GetLogDeliveryConfiguration: what a pool logs, and where."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from poolkeeper.aws.generated.cognito_idp import (
    GetLogDeliveryConfigurationRequest,
    GetLogDeliveryConfigurationResponse,
    LogConfigurationType,
    LogDeliveryConfigurationType,
    SetLogDeliveryConfigurationRequest,
    SetLogDeliveryConfigurationResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.log_delivery_settings import destination_of
from poolkeeper.lookup import require_pool
from poolkeeper.model.log_configuration import arn_of, require_valid
from poolkeeper.model.pool import Pool
from poolkeeper.model.tiers import require_logs_in_tier
from poolkeeper.operations.pool_documents import amend

# The member of a pool's document that holds them.
_SETTING = "LogConfigurations"


async def get_log_delivery_configuration(
    call: Call, req: GetLogDeliveryConfigurationRequest
) -> GetLogDeliveryConfigurationResponse:
    """Return what a pool logs, and where; no configurations where it logs nothing."""
    pool = await require_pool(call, req.user_pool_id)
    return GetLogDeliveryConfigurationResponse(
        log_delivery_configuration=_answer(pool, pool.document.get(_SETTING, []))
    )


async def set_log_delivery_configuration(
    call: Call, req: SetLogDeliveryConfigurationRequest
) -> SetLogDeliveryConfigurationResponse:
    """Replace what a pool logs; without configurations it logs nothing any more.

    Raises InvalidParameterException, also for a bucket or a stream that poolkeeper.toml does not map;
    FeatureUnavailableInTierException.
    """
    pool = await require_pool(call, req.user_pool_id)
    configurations: list[dict[str, Any]] = msgspec.to_builtins(req.log_configurations)
    require_deliverable(call, pool.pool_id, configurations, region=pool.region)

    def changed(document: Mapping[str, Any]) -> dict[str, Any]:
        require_in_tier(call, configurations, document)
        bare = {name: value for name, value in document.items() if name != _SETTING}
        return {**bare, _SETTING: configurations} if configurations else bare

    await amend(call, pool.pool_id, changed)
    return SetLogDeliveryConfigurationResponse(log_delivery_configuration=_answer(pool, configurations))


def require_deliverable(call: Call, pool_id: str, configurations: Sequence[Mapping[str, Any]], *, region: str) -> None:
    """Raise InvalidParameterException for configurations that AWS refuses, and for an ARN that means nothing here."""
    require_valid(configurations, region=region)
    for arn in map(arn_of, configurations):
        if destination_of(call.settings.log_delivery, arn, pool_id) is None:
            raise InvalidParameterException(
                f"{arn} means nothing here: poolkeeper.toml has no table log_delivery for it."
            )


def require_in_tier(call: Call, configurations: Sequence[Mapping[str, Any]], document: Mapping[str, Any]) -> None:
    """Raise FeatureUnavailableInTierException for logs that a pool's tier does not have."""
    if call.settings.strict_tiers:
        require_logs_in_tier(configurations, document)


def _answer(pool: Pool, configurations: list[dict[str, Any]]) -> LogDeliveryConfigurationType:
    return LogDeliveryConfigurationType(
        user_pool_id=pool.pool_id, log_configurations=msgspec.convert(configurations, list[LogConfigurationType])
    )
