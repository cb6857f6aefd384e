"""GetProvisionedLimit, UpdateProvisionedLimit: how many requests of a category this installation takes in a second."""

from poolkeeper.aws.generated.cognito_idp import (
    GetProvisionedLimitRequest,
    GetProvisionedLimitResponse,
    LimitDefinitionType,
    LimitType,
    UpdateProvisionedLimitRequest,
    UpdateProvisionedLimitResponse,
)
from poolkeeper.call import Call
from poolkeeper.defences.request_limits import forget_rates, rates_of
from poolkeeper.errors import InvalidParameterException, ResourceNotFoundException, ServiceQuotaExceededException
from poolkeeper.model.request_limits import CATEGORIES
from poolkeeper.store import provisioned_limits
from poolkeeper.store.db import Transaction
from poolkeeper.store.provisioned_limits import ProvisionedLimit

_CATEGORY = "Category"


async def get_provisioned_limit(call: Call, req: GetProvisionedLimitRequest) -> GetProvisionedLimitResponse:
    """Return the rate of a category, and its free rate.

    Raises InvalidParameterException, ResourceNotFoundException.
    """
    category = _require_category(req.limit_definition)
    rate = (await rates_of(call.house))[category]
    return GetProvisionedLimitResponse(limit=_limit(req.limit_definition, category, rate))


async def update_provisioned_limit(call: Call, req: UpdateProvisionedLimitRequest) -> UpdateProvisionedLimitResponse:
    """Set the rate of a category, between its free rate and the operator's maximum.

    Raises InvalidParameterException, ResourceNotFoundException, ServiceQuotaExceededException.
    """
    # UNVERIFIED: names and words of all that is refused here; one call each against AWS would settle them.
    category = _require_category(req.limit_definition)
    rate, bounds, most = req.requested_limit_value, CATEGORIES[category], call.settings.request_limit_maximum
    if not bounds.adjustable:
        raise InvalidParameterException(f"The limit of {category} cannot be adjusted.")
    if rate < bounds.free:
        raise InvalidParameterException(f"The limit of {category} cannot be less than {bounds.free}.")
    if rate > max(most, bounds.free):
        raise ServiceQuotaExceededException(f"The limit of {category} cannot be more than {max(most, bounds.free)}.")

    async def body(tx: Transaction) -> None:
        await provisioned_limits.put(tx, ProvisionedLimit(category, rate))

    await call.db.write(body)
    forget_rates(call.house)
    return UpdateProvisionedLimitResponse(limit=_limit(req.limit_definition, category, rate))


def _require_category(definition: LimitDefinitionType) -> str:
    category = definition.attributes.get(_CATEGORY)
    if category is None or len(definition.attributes) != 1:
        raise InvalidParameterException(f"The limit is named by one attribute, {_CATEGORY}.")
    if category not in CATEGORIES:
        raise ResourceNotFoundException(f"There is no limit of the category {category[:64]}.")
    return category


def _limit(definition: LimitDefinitionType, category: str, rate: int) -> LimitType:
    return LimitType(
        limit_definition=definition,
        provisioned_limit_value=rate,
        free_limit_value=CATEGORIES[category].free,
    )
