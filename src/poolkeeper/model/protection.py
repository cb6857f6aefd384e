"""Is a pool's threat protection on, and what does it do at which risk? Read from the documents of pool and app client.

Source: identity-security.md 4.1; AWS: Advanced security with threat protection. An app client's configuration takes the place
of its pool's as a whole.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from poolkeeper.errors import InvalidParameterException
from poolkeeper.model.client import Client
from poolkeeper.model.mail_heads import require_author, require_one_line
from poolkeeper.model.pool import Pool

SETTING = "RiskConfiguration"
ENFORCED = "ENFORCED"
NO_ACTION, MFA_IF_CONFIGURED, MFA_REQUIRED, BLOCK = "NO_ACTION", "MFA_IF_CONFIGURED", "MFA_REQUIRED", "BLOCK"
_CUSTOM_FLOW = "CUSTOM_AUTH"
_TAKEOVER, _EXCEPTIONS = "AccountTakeoverRiskConfiguration", "RiskExceptionConfiguration"
_LISTS = ("BlockedIPRangeList", "SkippedIPRangeList")
_LEVELS = {"LOW": "LowAction", "MEDIUM": "MediumAction", "HIGH": "HighAction"}


@dataclass(frozen=True, slots=True)
class Action:
    """What is done at one level of risk: `event_action`, and whether the user is told by mail."""

    event_action: str = NO_ACTION
    notify: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """The threat protection that is on for an app client: a configuration, in AWS's own member names, and its mode."""

    mode: str
    custom_mode: str
    configuration: Mapping[str, Any]

    def enforced_for(self, flow: str) -> bool:
        """Say whether what is judged is acted on: in flows of the pool's own code by a mode of their own."""
        # UNVERIFIED: that custom flows are no more than watched where AdvancedSecurityAdditionalFlows is not set.
        return self.mode == ENFORCED and (flow != _CUSTOM_FLOW or self.custom_mode == ENFORCED)

    def action_at(self, level: str) -> Action:
        """Return what is done at a level of risk, LOW, MEDIUM or HIGH; nothing where it is not set."""
        # UNVERIFIED: an ENFORCED pool without this configuration. AWS's console says of its defaults that they block at every
        # level; a risky sign-in in such a pool would settle it.
        actions = self.configuration.get(_TAKEOVER, {}).get("Actions", {})
        chosen = actions.get(_LEVELS.get(level, ""))
        return Action() if chosen is None else Action(chosen["EventAction"], chosen["Notify"])

    @property
    def notices(self) -> Mapping[str, Any]:
        """How users are told: NotifyConfiguration, empty where it is not set."""
        notices: Mapping[str, Any] = self.configuration.get(_TAKEOVER, {}).get("NotifyConfiguration") or {}
        return notices

    @property
    def ranges(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The ranges of addresses that are always blocked, and those that are never judged."""
        exceptions = self.configuration.get(_EXCEPTIONS) or {}
        blocked, skipped = (tuple(exceptions.get(name) or ()) for name in _LISTS)
        return blocked, skipped


def mode_of(pool: Pool) -> str:
    """Return AUDIT or ENFORCED, empty where a pool's threat protection is off."""
    mode: str = pool.document.get("UserPoolAddOns", {}).get("AdvancedSecurityMode", "OFF")
    return "" if mode == "OFF" else mode


def protection_of(pool: Pool, client: Client | None) -> Protection | None:
    """Return what protects the users of an app client, None where the pool's threat protection is off."""
    mode = mode_of(pool)
    if not mode:
        return None
    more = pool.document["UserPoolAddOns"].get("AdvancedSecurityAdditionalFlows", {})
    own = None if client is None else client.document.get(SETTING)
    configuration = pool.document.get(SETTING, {}) if own is None else own
    return Protection(mode=mode, custom_mode=more.get("CustomAuthMode", ""), configuration=configuration)


def require_configuration(configuration: Mapping[str, Any]) -> None:
    """Raise InvalidParameterException for invalid ranges, and for a sender whose mail could not be written."""
    for fault in faults(configuration):
        raise fault


def faults(configuration: Mapping[str, Any]) -> Iterator[InvalidParameterException]:
    """Yield all that is refused of a configuration."""
    exceptions = configuration.get(_EXCEPTIONS) or {}
    for name in _LISTS:
        for given in exceptions.get(name) or ():
            try:
                ip_network(given, strict=False)
            except ValueError:
                # UNVERIFIED: the words; one range that is none against AWS would settle them.
                yield InvalidParameterException(f"Invalid CIDR {given} in {name}.")
    notices = (configuration.get(_TAKEOVER) or {}).get("NotifyConfiguration") or {}
    try:
        for name in ("From", "ReplyTo"):
            require_one_line(name, notices.get(name))
        if "From" in notices:
            # UNVERIFIED: that it is refused here as in EmailConfiguration; a SetRiskConfiguration with From "nobody" would settle it.
            require_author(notices["From"])
    except InvalidParameterException as fault:
        yield fault
