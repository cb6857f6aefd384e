"""How does `poolkeeper serve --help` read? Its flags in groups, in the order in which one needs them, each with its default."""

import re
from collections.abc import Mapping, Sequence

import click

from poolkeeper.settings import HELP, Settings, shown
from poolkeeper.settings.computed import computed

GROUPS: Mapping[str, Sequence[str]] = {
    "Development": ("dev", "dev_anywhere", "dev_key", "dev_hosts", "debug", "seed"),
    "Where it listens": ("host", "port", "tls_port", "base_url", "former_base_urls", "trusted_proxies", "workers"),
    "Where it keeps things": (
        "data",
        "config",
        "sealing_key_file",
        "database",
        "database_read_connections",
        "database_write_connections",
    ),
    "Account and issuers": (
        "account_id",
        "region",
        "issuer",
        "root_access_key_id",
        "identity_issuer",
        "identity_token_algorithm",
    ),
    "Pages and their addresses": (
        "domain_base",
        "domain_paths",
        "domain_by_client",
        "unstyled_pages",
        "confirm_links_at_once",
    ),
    "Mail": ("smtp_host", "smtp_port", "smtp_security", "smtp_user", "mail_from", "account_notices"),
    "Behaviour of user pools": (
        "global_sign_out_ends_browsers",
        "implicit_write",
        "strict_tiers",
        "place_files",
        "auth_event_days",
        "auth_events_per_user",
        "mfa_change_seconds",
        "compromised_passwords_file",
        "compromised_passwords_url",
    ),
    "Identity pools": ("guest_days", "guests_per_network_per_hour", "guest_policy", "unknown_roles"),
    "Functions, and calls to the outside": ("local_functions", "function_calls_per_pool", "egress_allow"),
    "Logs and metrics": (
        "log_format",
        "audit_log",
        "audit_otlp",
        "audit_otlp_authorization",
        "metrics_host",
        "metrics_port",
    ),
    "Budgets of messages and guesses": (
        "sms_per_number_per_hour",
        "sms_per_pool_per_hour",
        "sms_prefixes",
        "messages_per_claim_per_hour",
        "wrong_codes_per_claim_per_hour",
        "messages_per_proved_address_per_hour",
        "messages_kept_for_a_network",
        "messages_per_network_per_hour",
        "wrong_codes_per_network_per_hour",
        "sign_ups_per_minute",
        "ghosts_per_pool",
        "names_per_network_per_hour",
        "request_limits",
        "request_limit_servers",
        "request_limit_maximum",
    ),
    "Hashes and threads": (
        "password_hash_memory",
        "password_hash_passes",
        "heavy_threads",
        "heavy_queue",
        "heavy_reserve",
    ),
    "Connections": (
        "max_body",
        "max_body_memory",
        "max_connections",
        "max_connections_per_address",
        "header_seconds",
        "body_seconds",
        "idle_seconds",
    ),
}
_REST = "Other"


class GroupedCommand(click.Command):
    """A command whose flags are settings, shown by GROUPS."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write each group under its title; what is in none comes last."""
        group_of = {name: title for title, names in GROUPS.items() for name in names}
        rows: dict[str, list[tuple[str, str]]] = {title: [] for title in (*GROUPS, _REST)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None:
                rows[group_of.get(parameter.name or "", _REST)].append((record[0], record[1] + _default(parameter)))
        order = {name: position for names in GROUPS.values() for position, name in enumerate(names)}
        for title, records in rows.items():
            if records:
                with formatter.section(title):
                    formatter.write_dl(sorted(records, key=lambda row: order.get(_name(row[0]), len(order))))


def _name(flags: str) -> str:
    return flags.split(maxsplit=1)[0].strip(",").lstrip("-").replace("-", "_")


def _default(parameter: click.Parameter) -> str:
    """Return what a setting is when nobody says otherwise, as far as that is something."""
    name = parameter.name or ""
    if not hasattr(Settings(), name):
        return ""
    settings = Settings()
    text = {"True": "on", "False": ""}.get(shown(settings, name), shown(settings, name))
    if not text and not re.search(r"default:|empty:", HELP[name]):
        text = computed(settings, name)
    return f"  [default: {text}]" if text else ""
