"""May a policy be stored? If it is short enough and can be read. Checked in this order: the time of reading grows with length.

Lengths are counted without white space (IAM User Guide, "IAM and AWS STS quotas").
"""

from poolkeeper import policy
from poolkeeper.errors import LimitExceededException, MalformedPolicyDocumentException
from poolkeeper.model.iam import MANAGED_POLICY_CHARACTERS, TRUST_POLICY_CHARACTERS, Kind, policy_length


def check_trust_policy(document: str) -> None:
    """Refuse a role's trust policy that cannot be read or is too long.

    Raises LimitExceededException, MalformedPolicyDocumentException.
    """
    if policy_length(document) > TRUST_POLICY_CHARACTERS:
        raise LimitExceededException(f"Cannot exceed quota for ACLSizePerRole: {TRUST_POLICY_CHARACTERS}")
    _check(document, policy.Kind.TRUST)


def check_policy(document: str, *, kind: Kind, owner: str) -> None:
    """Refuse an inline policy that cannot be read, or is too long whatever other policies its owner has.

    Raises LimitExceededException, MalformedPolicyDocumentException.
    """
    require_room(document, kind=kind, owner=owner, other_documents=[])
    _check(document, policy.Kind.IDENTITY)


def check_managed_policy(document: str) -> None:
    """Refuse a managed policy that cannot be read or is too long.

    Raises LimitExceededException, MalformedPolicyDocumentException.
    """
    if policy_length(document) > MANAGED_POLICY_CHARACTERS:
        raise LimitExceededException(f"Cannot exceed quota for PolicySize: {MANAGED_POLICY_CHARACTERS}")
    _check(document, policy.Kind.MANAGED)


def require_room(document: str, *, kind: Kind, owner: str, other_documents: list[str]) -> None:
    """Refuse an inline policy that is too long together with the others of its owner.

    Raises LimitExceededException.
    """
    if sum(map(policy_length, [document, *other_documents])) > kind.inline_characters:
        raise LimitExceededException(
            f"Maximum policy size of {kind.inline_characters} bytes exceeded for {kind.value} {owner}"
        )


def _check(document: str, kind: policy.Kind) -> None:
    try:
        policy.parse(document, kind)
        if kind is policy.Kind.TRUST:
            policy.require_trustworthy(document)
    except policy.MalformedPolicy as fault:
        raise MalformedPolicyDocumentException(str(fault)) from None
