"""SetUserMFAPreference, SetUserSettings, GetUserAuthFactors and their administrators' twins: how a user is to be asked."""

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
    """What the model says three times: the settings of one method."""

    enabled: bool | None
    preferred_mfa: bool | None


async def set_user_mfa_preference(
    call: Call, req: SetUserMFAPreferenceRequest, found: Bearer
) -> SetUserMFAPreferenceResponse:
    """Turn the bearer's second factors on and off, and prefer one of them; what is left out stays as it is."""
    wishes = _wishes(req)
    more = {"tokenless": await _of_no_token(call, found)} if SOFTWARE_TOKEN_MFA in wishes else {}
    await mfa.change_own(call, found, _preferring(found.pool, req, wishes, **more))
    return SetUserMFAPreferenceResponse()


async def admin_set_user_mfa_preference(
    call: Call, req: AdminSetUserMFAPreferenceRequest
) -> AdminSetUserMFAPreferenceResponse:
    """Turn a user's second factors on and off, and prefer one of them; what is left out stays as it is."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await mfa.change(call, pool, user.sub, _preferring(pool, req, _wishes(req)))
    return AdminSetUserMFAPreferenceResponse()


async def set_user_settings(call: Call, req: SetUserSettingsRequest, found: Bearer) -> SetUserSettingsResponse:
    """Turn SMS on for the bearer, or with an empty list off: what there was before SetUserMFAPreference."""
    await mfa.change_own(call, found, _setting_sms(found.pool, req.mfa_options))
    return SetUserSettingsResponse()


async def admin_set_user_settings(call: Call, req: AdminSetUserSettingsRequest) -> AdminSetUserSettingsResponse:
    """Turn SMS on for a user, or with an empty list off: what there was before AdminSetUserMFAPreference."""
    pool, user = await require_pool_and_user(call, req.user_pool_id, req.username)
    await mfa.change(call, pool, user.sub, _setting_sms(pool, req.mfa_options))
    return AdminSetUserSettingsResponse()


async def get_user_auth_factors(
    call: Call,
    req: GetUserAuthFactorsRequest,  # noqa: ARG001 - the token in it is what `found` was found by
    found: Bearer,
) -> GetUserAuthFactorsResponse:
    """Return what the bearer can begin a sign-in with, and the second factors that are on."""
    return GetUserAuthFactorsResponse(
        username=found.user.username,
        preferred_mfa_setting=found.user.mfa.preferred,
        user_mfa_setting_list=setting_list(found.user.mfa),
        configured_user_auth_factors=await _first_factors(call, found.pool, found.user),
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


async def _of_no_token(call: Call, found: Bearer) -> str:
    """Return what a user is told who wants an authenticator app asked for that does not count yet."""
    if not found.user.mfa.totp:
        row = await software_tokens.find(call.db, pool_id=found.pool.pool_id, user_id=found.user.sub)
        if row is None or row.pending is None:
            return NOT_SET_UP
    return NOT_VERIFIED


def _preferring(
    pool: Pool,
    req: SetUserMFAPreferenceRequest | AdminSetUserMFAPreferenceRequest,
    wishes: Mapping[str, Wish],
    **more: str,
) -> mfa.Decide:
    """Return how a request's wishes are decided, by what the user is at that moment; `more` as with_wishes has it."""
    as_two = None if req.webauthn_mfa_settings is None else bool(req.webauthn_mfa_settings.enabled)

    def decide(fresh: User) -> Mfa:
        mfa = with_wishes(pool.mfa, fresh.mfa, fresh.attributes, wishes, **more)
        return mfa if as_two is None else with_passkeys(pool.mfa, mfa, enabled=as_two)

    return decide


def _wishes(req: SetUserMFAPreferenceRequest | AdminSetUserMFAPreferenceRequest) -> dict[str, Wish]:
    """Return what a request says of each method; within one, what is left out is false."""
    given: Mapping[str, _Settings | None] = {
        SMS_MFA: req.sms_mfa_settings,
        SOFTWARE_TOKEN_MFA: req.software_token_mfa_settings,
        EMAIL_OTP: req.email_mfa_settings,
    }
    return {
        name: Wish(enabled=bool(one.enabled), preferred=bool(one.preferred_mfa))
        for name, one in given.items()
        if one is not None
    }


def _setting_sms(pool: Pool, given: list[MFAOptionType]) -> mfa.Decide:
    """Return how SMS is turned on or off, by the list that SetUserSettings has for it.

    Raises InvalidParameterException for anything that is not SMS to the phone number.
    """
    if any((one.delivery_medium, one.attribute_name) != _SMS_TO_PHONE for one in given):
        # UNVERIFIED: the words; an MFAOption with the medium EMAIL against AWS would settle them.
        raise InvalidParameterException("MFAOptions can be set to SMS for phone_number alone.")

    def decide(fresh: User) -> Mfa:
        preferred = bool(given) and fresh.mfa.preferred == SMS_MFA
        wish = Wish(enabled=bool(given), preferred=preferred)
        return with_wishes(pool.mfa, fresh.mfa, fresh.attributes, {SMS_MFA: wish})

    return decide


async def _first_factors(call: Call, pool: Pool, user: User) -> list[str]:
    """Return what a user has of the factors that the pool lets a sign-in begin with."""
    return first_factor.configured(pool.first_factors, await means.of_user(call, pool, user))
