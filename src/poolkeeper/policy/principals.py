"""Does a statement name the caller? Its Principal element says so, and how directly.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "Policy evaluation logic".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from poolkeeper.policy.requests import Principal, PrincipalKind

EVERYONE = "*"
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:iam::)?(\d{12})(?::root)?", re.ASCII)
# Whom a policy may name with "AWS": accounts, and whoever belongs to an account.
_OF_AN_ACCOUNT = frozenset(
    {
        PrincipalKind.ROOT,
        PrincipalKind.USER,
        PrincipalKind.ROLE_SESSION,
        PrincipalKind.FEDERATED_USER,
    }
)
_KINDS = {"Federated": PrincipalKind.FEDERATED, "Service": PrincipalKind.SERVICE}


class Naming(IntEnum):
    """How directly a statement names a caller; the more directly, the less other policies limit its permission."""

    # Only the account: its own policies must allow too.
    ACCOUNT = 1
    # The role of the session, or the user of a federated session: boundary and session policies limit it.
    BEHIND = 2
    # The user, the session or everyone: only an explicit deny limits it.
    DIRECT = 3


@dataclass(frozen=True, slots=True)
class Principals:
    """The principals that a Principal or NotPrincipal element lists, by kind."""

    everyone: bool
    every_aws: bool
    accounts: frozenset[str]
    names: frozenset[str]
    by_kind: Mapping[PrincipalKind, frozenset[str]]

    @classmethod
    def of(cls, element: str | Mapping[str, Sequence[str]]) -> "Principals":
        """Compile an element: `*`, or lists of names by type. CanonicalUser, which is S3's, names nobody here."""
        if isinstance(element, str):
            return cls(everyone=True, every_aws=True, accounts=frozenset(), names=frozenset(), by_kind={})
        aws = frozenset(element.get("AWS", ()))
        accounts = {name: match[1] for name in aws if (match := _ACCOUNT.fullmatch(name))}
        return cls(
            everyone=False,
            every_aws=EVERYONE in aws,
            accounts=frozenset(accounts.values()),
            names=aws - accounts.keys(),
            by_kind={kind: frozenset(element.get(name, ())) for name, kind in _KINDS.items()},
        )

    def naming(self, principal: Principal) -> Naming | None:
        """Return how directly the element names a principal, by its most direct name; None if it does not."""
        # UNVERIFIED: that {"AWS": "*"} names neither a web identity nor a service, which "*" does; a role with such a
        # trust policy would settle it.
        kind = principal.kind
        if self.everyone or (self.every_aws and (kind in _OF_AN_ACCOUNT or kind is PrincipalKind.ANONYMOUS)):
            return Naming.DIRECT
        if kind not in _OF_AN_ACCOUNT:
            names = self.by_kind.get(kind, frozenset())
            return Naming.DIRECT if not names.isdisjoint((principal.arn, *principal.aliases)) else None
        if principal.arn in self.names or not self.names.isdisjoint(principal.aliases):
            return Naming.DIRECT
        if not self.names.isdisjoint(principal.behind):
            return Naming.BEHIND
        return Naming.ACCOUNT if principal.account in self.accounts else None
