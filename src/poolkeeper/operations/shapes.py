"""How do users, attributes and times look on the wire? These functions make AWS's shapes of them."""

from collections.abc import Mapping, Sequence

from poolkeeper.aws.generated.cognito_idp import (
    AttributeType,
    AuthenticationResultType,
    CodeDeliveryDetailsType,
    MFAOptionType,
    NewDeviceMetadataType,
    UserType,
)
from poolkeeper.errors import InvalidParameterException
from poolkeeper.messaging.compose import MEDIUMS, mask
from poolkeeper.model.factors import SMS_MFA
from poolkeeper.model.message import Message
from poolkeeper.model.second_factor import Mfa
from poolkeeper.model.tokens import Tokens
from poolkeeper.model.user import User


def seconds(milliseconds: int) -> float:
    """Return a time for the wire: seconds with a fraction of milliseconds."""
    return milliseconds / 1000


def whole_seconds(milliseconds: int) -> float:
    """Return a time without its fraction: so AWS answers the end of credentials, in sts and in identity pools."""
    return float(milliseconds // 1000)


def attribute_dict(attributes: Sequence[AttributeType] | None) -> dict[str, str]:
    """Return attributes by name; where one is given twice the last counts."""
    return {attribute.name: attribute.value or "" for attribute in attributes or ()}


def attribute_changes(attributes: Sequence[AttributeType]) -> dict[str, str]:
    """Return the changes of an update by name; a blank value removes an attribute, a missing value is refused.

    Raises InvalidParameterException.
    """
    for attribute in attributes:
        if attribute.value is None:
            raise InvalidParameterException(f"Attribute value for {attribute.name} must not be null")
    return attribute_dict(attributes)


def attribute_list(attributes: Mapping[str, str]) -> list[AttributeType]:
    """Return attributes as a list for answers, `sub` first."""
    return [AttributeType(name=name, value=value) for name, value in attributes.items()]


def delivery_details(message: Message | None, attribute: str) -> CodeDeliveryDetailsType | None:
    """Return where a code went, masked."""
    if message is None:
        return None
    return CodeDeliveryDetailsType(
        destination=mask(attribute, message.to), delivery_medium=message.medium, attribute_name=attribute
    )


def simulated_details(destination: str, attribute: str) -> CodeDeliveryDetailsType:
    """Return where a code went, or would have gone if the subject were a user, masked."""
    return CodeDeliveryDetailsType(
        destination=mask(attribute, destination), delivery_medium=MEDIUMS[attribute], attribute_name=attribute
    )


def user_type(user: User) -> UserType:
    """Return a user for the answer of AdminCreateUser; lists have no MFAOptions (listed_users.py)."""
    return UserType(
        username=user.username,
        attributes=attribute_list(user.attributes),
        user_create_date=seconds(user.created_at),
        user_last_modified_date=seconds(user.updated_at),
        enabled=user.enabled,
        user_status=user.status,
        mfa_options=mfa_options(user.mfa),
    )


def mfa_options(mfa: Mfa) -> list[MFAOptionType] | None:
    """Return MFAOptions, which can only say SMS, and are left out where SMS is off."""
    if SMS_MFA not in mfa.enabled:
        return None
    return [MFAOptionType(delivery_medium="SMS", attribute_name="phone_number")]


def authentication_result(tokens: Tokens) -> AuthenticationResultType:
    """Return the tokens of a sign-in or a refresh."""
    return AuthenticationResultType(
        access_token=tokens.access,
        expires_in=tokens.expires_in,
        token_type="Bearer",  # noqa: S106 - RFC 6750's name of a kind
        refresh_token=tokens.refresh,
        id_token=tokens.id,
        new_device_metadata=_new_device(tokens),
    )


def _new_device(tokens: Tokens) -> NewDeviceMetadataType | None:
    if tokens.new_device is None:
        return None
    device_key, group_key = tokens.new_device
    return NewDeviceMetadataType(device_key=device_key, device_group_key=group_key)


def setting_list(mfa: Mfa) -> list[str] | None:
    """Return UserMFASettingList, which AWS leaves out where it would be empty (userpools.md 5.5)."""
    return list(mfa.enabled) or None
