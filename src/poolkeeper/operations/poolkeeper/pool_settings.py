"""DescribePoolSettings: what is in force for a pool? The result of its own settings, its domains and the server's settings."""

import msgspec

from poolkeeper.aws.generated.poolkeeper import (
    DescribePoolSettingsRequest,
    DescribePoolSettingsResponse,
    DomainAddressType,
    EffectiveSenderType,
    LookType,
    SettingType,
)
from poolkeeper.branding import styles
from poolkeeper.call import Call
from poolkeeper.defences import request_limits
from poolkeeper.lookup import require_pool
from poolkeeper.messaging.compose import CUSTOM_SENDERS, account_of
from poolkeeper.model import address
from poolkeeper.model.domain import CLASSIC, MANAGED, PREFIX, DomainSettings
from poolkeeper.model.message import Medium
from poolkeeper.model.pool import Pool
from poolkeeper.sender_settings import CUSTOM, way_of
from poolkeeper.settings import Settings, shown
from poolkeeper.store import domains
from poolkeeper.store.domains import DomainRow
from poolkeeper.tokens.issuer import accepted_issuers, issuer_of

_FORMS = {CLASSIC: "CLASSIC", MANAGED: "MANAGED_LOGIN"}
# The server's settings for all its pools, which a pool's own settings do not show.
LIMITS = (
    "sms_per_number_per_hour",
    "sms_per_pool_per_hour",
    "sms_prefixes",
    "messages_per_claim_per_hour",
    "messages_per_proved_address_per_hour",
    "messages_per_network_per_hour",
    "wrong_codes_per_claim_per_hour",
    "wrong_codes_per_network_per_hour",
    "sign_ups_per_minute",
    "names_per_network_per_hour",
    "ghosts_per_pool",
    "auth_event_days",
    "auth_events_per_user",
    "function_calls_per_pool",
)
_decode = msgspec.json.Decoder(DomainSettings).decode


async def describe_pool_settings(call: Call, req: DescribePoolSettingsRequest) -> DescribePoolSettingsResponse:
    """Return the present issuer, addresses, looks, senders and limits of a pool, without secrets.

    Raises ResourceNotFoundException.
    """
    pool = await require_pool(call, req.user_pool_id)
    settings = call.settings
    forms = await styles.forms_of(call.house, pool)
    return DescribePoolSettingsResponse(
        user_pool_id=pool.pool_id,
        issuer=issuer_of(settings, pool),
        accepted_issuers=list(accepted_issuers(settings, pool)),
        address=address.main_address(settings, pool),
        domains=[_domain(settings, row) for row in await domains.of_pool(call.db, pool.pool_id)],
        looks=[LookType(client_id=client_id, form=_FORMS[form]) for client_id, form in sorted(forms.items())],
        senders=[
            EffectiveSenderType(medium=medium, sender=_sender(settings, pool, medium)) for medium in CUSTOM_SENDERS
        ],
        limits=[SettingType(name=name, value=shown(settings, name)) for name in LIMITS],
        request_rates=dict(await request_limits.rates_of(call.house)) if settings.request_limits else None,
        srp_enabled=pool.srp,
        any_localhost_port=pool.localhost_any_port,
    )


def _domain(settings: Settings, row: DomainRow) -> DomainAddressType:
    host = address.prefix_host(settings, row.name) if row.kind == PREFIX else row.name
    return DomainAddressType(
        domain=row.name,
        kind=row.kind.upper(),
        address=address.origin(settings, host),
        reachable=address.can_be_reached(settings, row.name, row.kind),
        # A version that is neither, as it was taken before it was looked at, shows what the second does.
        form=_FORMS.get(_decode(row.settings).managed_login_version, _FORMS[MANAGED]),
    )


def _sender(settings: Settings, pool: Pool, medium: Medium) -> str:
    if pool.triggers.get(CUSTOM_SENDERS[medium]):
        return CUSTOM
    about = {"pool_id": pool.pool_id, "account": account_of(pool, medium)}
    return way_of(settings.all_senders, dev=settings.dev, medium=medium, **about)
