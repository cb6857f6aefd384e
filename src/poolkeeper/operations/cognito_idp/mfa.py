"""SetUserMFAPreference, SetUserSettings, GetUserAuthFactors and their Admin twins: by what a user is asked to prove."""

from collections.abc import Mapping
from typing import Protocol

from poolkeeper.accounts import means, mfa
from poolkeeper.aws.generated.cognito_idp import (
    AdminGetUserAuthFactorsRequest,
    AdminGetUserAuthFactorsResponse,
    AdminSetUserMFAPreferenceRequest,
    AdminSetUserMFAPreferenceResponse,
    AdminSetUserSettingsRequest,
    AdminSetUserSettingsResponse,
    GetUserAuthFactorsRequest,
    GetUserAuthFactorsResponse,
    MFAOptionType,
    SetUserMFAPreferenceRequest,
    SetUserMFAPreferenceResponse,
    SetUserSettingsRequest,
    SetUserSettingsResponse,
)
from poolkeeper.call import Call
from poolkeeper.errors import InvalidParameterException
from poolkeeper.lookup import Bearer, require_pool_and_user
from poolkeeper.model import first_factor
from poolkeeper.model.factors import EMAIL_OTP, SMS_MFA, SOFTWARE_TOKEN_MFA
from poolkeeper.model.mfa_preference import NOT_SET_UP, NOT_VERIFIED, Wish, with_passkeys, with_wishes
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import Mfa
from poolkeeper.model.user import User
from poolkeeper.operations.shapes import setting_list
from poolkeeper.store import software_tokens

_SMS_TO_PHONE = ("SMS", "phone_number")


class _Settings(Protocol):
    """The settings of one method, of which the model has three equal types."""

    enabled: bool | None
    preferred_mfa: bool | None


async def set_user_mfa_preference(
    call: Call, req: SetUserMFAPreferenceRequest, bearer: Bearer
) -> SetUserMFAPreferenceResponse:
    """Turn the bearer's second factors on and off, and prefer one of them; what is left out stays as it is."""
    wishes = _wishes(req)
    more = {"tokenless": await _of_no_token(call, bearer)} if SOFTWARE_TOKEN_MFA in wishes else {}
    await mfa.change_own(call, bearer, _preferring(bearer.pool, req, wishes, **more))
    return SetUserMFAPreferenceResponse()


async def admin_set_user_mfa_preference(
    call: Call, req: AdminSetUserMFAPreferenceRequest
) -> AdminSetUserMFAPreferenceResponse:
    """Turn a user's second factors on and off, and prefer one of them; what is left out stays as it is."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await mfa.change(call, pool, user.sub, _preferring(pool, req, _wishes(req)))
    return AdminSetUserMFAPreferenceResponse()


async def set_user_settings(call: Call, req: SetUserSettingsRequest, bearer: Bearer) -> SetUserSettingsResponse:
    """Turn SMS on for the bearer, or off with an empty list: the older form of SetUserMFAPreference."""
    await mfa.change_own(call, bearer, _setting_sms(bearer.pool, req.mfa_options))
    return SetUserSettingsResponse()


async def admin_set_user_settings(call: Call, req: AdminSetUserSettingsRequest) -> AdminSetUserSettingsResponse:
    """Turn SMS on for a user, or off with an empty list: the older form of AdminSetUserMFAPreference."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await mfa.change(call, pool, user.sub, _setting_sms(pool, req.mfa_options))
    return AdminSetUserSettingsResponse()


async def get_user_auth_factors(
    call: Call,
    req: GetUserAuthFactorsRequest,  # noqa: ARG001 - its token led to the bearer
    bearer: Bearer,
) -> GetUserAuthFactorsResponse:
    """Return what the bearer can begin a sign-in with, and the second factors that are on."""
    return GetUserAuthFactorsResponse(
        username=bearer.user.username,
        preferred_mfa_setting=bearer.user.mfa.preferred,
        user_mfa_setting_list=setting_list(bearer.user.mfa),
        configured_user_auth_factors=await _first_factors(call, bearer.pool, bearer.user),
    )


async def admin_get_user_auth_factors(
    call: Call, req: AdminGetUserAuthFactorsRequest
) -> AdminGetUserAuthFactorsResponse:
    """Return what a user can begin a sign-in with, and the second factors that are on."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    return AdminGetUserAuthFactorsResponse(
        username=user.username,
        preferred_mfa_setting=user.mfa.preferred,
        user_mfa_setting_list=setting_list(user.mfa),
        configured_user_auth_factors=await _first_factors(call, pool, user),
    )


async def _of_no_token(call: Call, bearer: Bearer) -> str:
    """Return the error message for a user who turns on an authenticator app that is not verified yet."""
    if not bearer.user.mfa.totp:
        row = await software_tokens.find(call.db, pool_id=bearer.pool.pool_id, user_id=bearer.user.sub)
        if row is None or row.pending is None:
            return NOT_SET_UP
    return NOT_VERIFIED


def _preferring(
    pool: Pool,
    req: SetUserMFAPreferenceRequest | AdminSetUserMFAPreferenceRequest,
    wishes: Mapping[str, Wish],
    **more: str,
) -> mfa.Decide:
    """Return a function that applies a request's wishes to the user at that moment; `more` is passed to with_wishes."""
    as_two = None if req.webauthn_mfa_settings is None else bool(req.webauthn_mfa_settings.enabled)

    def decide(fresh: User) -> Mfa:
        mfa = with_wishes(pool.mfa, fresh.mfa, fresh.attributes, wishes, **more)
        return mfa if as_two is None else with_passkeys(pool.mfa, mfa, enabled=as_two)

    return decide


def _wishes(req: SetUserMFAPreferenceRequest | AdminSetUserMFAPreferenceRequest) -> dict[str, Wish]:
    """Return a request's wish for each method; what is left out within a method is false."""
    settings_by_method: Mapping[str, _Settings | None] = {
        SMS_MFA: req.sms_mfa_settings,
        SOFTWARE_TOKEN_MFA: req.software_token_mfa_settings,
        EMAIL_OTP: req.email_mfa_settings,
    }
    return {
        name: Wish(enabled=bool(settings.enabled), preferred=bool(settings.preferred_mfa))
        for name, settings in settings_by_method.items()
        if settings is not None
    }


def _setting_sms(pool: Pool, options: list[MFAOptionType]) -> mfa.Decide:
    """Return a function that turns SMS on or off, by the list of SetUserSettings.

    Raises InvalidParameterException for anything that is not SMS to the phone number.
    """
    if any((option.delivery_medium, option.attribute_name) != _SMS_TO_PHONE for option in options):
        # UNVERIFIED: the words; an MFAOption with the medium EMAIL against AWS would settle them.
        raise InvalidParameterException("MFAOptions can be set to SMS for phone_number alone.")

    def decide(fresh: User) -> Mfa:
        preferred = bool(options) and fresh.mfa.preferred == SMS_MFA
        wish = Wish(enabled=bool(options), preferred=preferred)
        return with_wishes(pool.mfa, fresh.mfa, fresh.attributes, {SMS_MFA: wish})

    return decide


async def _first_factors(call: Call, pool: Pool, user: User) -> list[str]:
    """Return the factors that the user has and that the pool lets a sign-in begin with."""
    return first_factor.configured(pool.first_factors, await means.of_user(call, pool, user))
