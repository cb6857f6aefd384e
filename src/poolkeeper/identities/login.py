"""What does a verified login say? Who a person is at which provider, and every claim that roles and tags may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from poolkeeper.errors import ServiceError
from poolkeeper.errors.refusals import Reason, refused

NOT_A_TOKEN = "Not a valid OpenId Connect identity token."  # noqa: S105 - a sentence
BAD_SIGNATURE = "Couldn't verify signed token."
OTHER_ISSUER = "Issuer doesn't match providerName"


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedLogin:
    """One login of a request, its token verified.

    `provider` is the provider's spelling in rows, `name` its spelling in the identity pool's settings, `mapping_key` its name
    in RoleMappings. `way` stands in `amr` between the provider and the subject.
    """

    provider: str
    subject: str
    name: str
    mapping_key: str
    way: str
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def methods(self) -> tuple[str, str]:
        """The members of `amr` for this login (identity-security.md 1.5)."""
        return self.name, f"{self.name}:{self.way}:{self.subject}"


def invalid(sentence: str, detail: str | None = None) -> ServiceError:
    """Return the error for a token that is refused, with AWS's error message (identity-security.md 1.2)."""
    return refused(Reason.LOGIN_NOT_TAKEN, detail=detail, sentence=sentence)


def unsupported(detail: str) -> ServiceError:
    """Return the error for a login of a provider, or for a client, that the identity pool does not name."""
    return refused(Reason.LOGIN_UNSUPPORTED, detail=detail)
