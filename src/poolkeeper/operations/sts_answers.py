"""What do the operations of sts have in common? Session policies and tags of requests, and credentials in answers."""

from collections.abc import Mapping, Sequence

from poolkeeper.aws.generated.sts import Credentials, PolicyDescriptorType, Tag
from poolkeeper.call import Call
from poolkeeper.errors import (
    AccessDeniedException,
    InvalidParameterValueException,
    MalformedPolicyDocumentException,
    PackedPolicyTooLargeException,
    ValidationException,
)
from poolkeeper.operations.shapes import whole_seconds
from poolkeeper.policy import Kind, MalformedPolicy
from poolkeeper.rights.policies import managed_policy, read
from poolkeeper.rights.tokens import Temporary

_MOST_POLICY_ARNS = 10
# AssumeRole's model has no limit, since the packed form has one; but white space packs well, and is read at each call.
_LONGEST_POLICY = 10_240


def credentials(temporary: Temporary) -> Credentials:
    """Return temporary credentials for the wire."""
    return Credentials(
        access_key_id=temporary.access_key_id,
        secret_access_key=temporary.secret.reveal(),
        session_token=temporary.token,
        expiration=whole_seconds(temporary.expires_at),
    )


async def session_policies(
    call: Call, inline: str | None, managed: Sequence[PolicyDescriptorType] | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the texts of inline session policies and the ARNs of managed ones, once they are valid and known.

    Raises MalformedPolicyDocumentException for a text that is no policy, and for an unknown ARN;
    PackedPolicyTooLargeException for a text that is longer than any policy.
    """
    policies = () if inline is None else (inline,)
    if inline is not None and len(inline) > _LONGEST_POLICY:
        percent = -(-len(inline) * 100 // _LONGEST_POLICY)
        raise PackedPolicyTooLargeException(
            f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
        )
    for text in policies:
        try:
            read(call.house, text, Kind.SESSION, name="")
        except MalformedPolicy as fault:
            raise MalformedPolicyDocumentException(str(fault)) from None
    arns = tuple(descriptor.arn or "" for descriptor in managed or ())
    # UNVERIFIED: both sentences; AssumeRole with eleven ARNs, and with one of nobody's, would settle them.
    if len(arns) > _MOST_POLICY_ARNS:
        raise ValidationException(f"A session can have {_MOST_POLICY_ARNS} managed policies at the most.")
    for arn in arns:
        if await managed_policy(call.house, arn) is None:
            raise MalformedPolicyDocumentException(f"Policy {arn} does not exist or is not attachable.")
    return policies, arns


def session_tags(tag_list: Sequence[Tag] | None) -> Mapping[str, str]:
    """Return session tags by key (IAM User Guide, "Pass session tags in AWS STS").

    Raises InvalidParameterValueException for a key that is given twice, in any case, ValidationException for a reserved one.
    """
    tags = {tag.key: tag.value for tag in tag_list or ()}
    if len({key.lower() for key in tags}) < len(tag_list or ()):
        raise InvalidParameterValueException(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
    reserved = sorted(key for key in tags if key.lower().startswith("aws:"))
    if reserved:
        # UNVERIFIED: code and words; AssumeRole with a tag `aws:x` against AWS would settle them.
        raise ValidationException(f"Tag keys that begin with aws: are reserved: {reserved[0]}")
    return tags


def without_mfa_device(serial_number: str | None, token_code: str | None) -> None:
    """Refuse a code of an MFA device: the account's users have none here.

    Raises AccessDeniedException.
    """
    if serial_number is not None or token_code is not None:
        raise AccessDeniedException(
            "MultiFactorAuthentication failed, unable to validate MFA code. "
            "Please verify your MFA serial number is valid and associated with this user."
        )
