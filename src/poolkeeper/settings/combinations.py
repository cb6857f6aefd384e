"""Which settings cannot work together, or at all? Every one that cannot is told, all at once, before anything starts."""

import ipaddress
import re
from urllib.parse import urlsplit

from poolkeeper.function_settings import impossible
from poolkeeper.hosts import is_address
from poolkeeper.sender_settings import OF_SETTINGS, ambiguous
from poolkeeper.settings.fields import Settings, SettingsError

# Underscores are in names that containers give each other.
_HOST_NAME = r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*"

_MAIL_FROM = r"[^\s@<>]+@[^\s@<>]+|[^<>\r\n]*<[^\s@<>]+@[^\s@<>]+>"
_AN_ADDRESS = "an address such as no-reply@example.com, or a name with one: Example <no-reply@example.com>"
# The smallest and the largest value with which a server answers anybody; more memory than a machine has hashes no password.
_BOUNDS = {
    "database_read_connections": (1, 10_000),
    "database_write_connections": (1, 10_000),
    "password_hash_memory": (64, 4_194_304),
    "password_hash_passes": (1, 100),
    "heavy_threads": (0, 1_024),
    "max_body": (4_096, 1_073_741_824),
    "max_connections": (1, 1_000_000),
    "max_connections_per_address": (1, 1_000_000),
    "header_seconds": (1, 3_600),
    "body_seconds": (1, 3_600),
    "idle_seconds": (1, 86_400),
    "function_calls_per_pool": (1, 100_000),
    "request_limit_servers": (1, 10_000),
    "request_limit_maximum": (1, 1_000_000),
    "port": (0, 65_535),
    "metrics_port": (0, 65_535),
    "smtp_port": (1, 65_535),
}


def refuse_impossible(settings: Settings, *, serving: bool) -> None:
    """Report every setting and combination that cannot work; what matters to a server alone where it is `serving`.

    Raises SettingsError.
    """
    half_a_key = bool(settings.root_access_key_id) != bool(settings.root_secret_access_key)
    account = settings.account_id
    faults = (
        (settings.workers < 1, "workers: at least one process must answer"),
        (
            settings.workers > 1 and not settings.on_postgres,
            "workers: SQLite has one writer, so one process serves it; give --database postgresql://... for more",
        ),
        (
            bool(settings.database) and not settings.on_postgres,
            "database: a postgresql:// address, or nothing for the SQLite file in the data folder",
        ),
        (
            settings.on_postgres and not _has_ports(settings.database),
            "database: the port of the address is no number; a sign such as / or # in a password is written as %2F or %23",
        ),
        *(
            (not smallest <= getattr(settings, name) <= largest, f"{name}: from {smallest} to {largest}")
            for name, (smallest, largest) in _BOUNDS.items()
        ),
        (
            settings.dev and not settings.on_loopback and not settings.dev_anywhere,
            f"host: development mode shows everybody's messages: on {settings.host} it wants --dev-anywhere as well",
        ),
        (
            not all(re.fullmatch(_HOST_NAME, name) for name in settings.dev_hosts),
            "dev_hosts: host names alone, such as poolkeeper, without a port or http://",
        ),
        (half_a_key, "root_access_key_id, root_secret_access_key: give both or neither"),
        (len(account) != 12 or not account.isdigit(), "account_id: twelve digits"),
        (
            not _is_origin(settings.issuer_base),
            "base_url: http:// or https://, a host and a port, no more: pages, cookies and redirects begin at its root",
        ),
        (
            bool(settings.domain_base)
            and (
                not re.fullmatch(_HOST_NAME, settings.domain_base) or settings.domain_base.rpartition(".")[2].isdigit()
            ),
            "domain_base: a host name alone, such as auth.example.com",
        ),
        (
            _is_origin(settings.issuer_base)
            and is_address(settings.base_host)
            and not settings.domain_base
            and settings.domain_by_client == "off",
            "domain_base: no name is below an address in numbers (base_url), so name a host, or leave domain_by_client on",
        ),
        (
            settings.max_body_memory < settings.max_body,
            "max_body_memory: at least one body of the largest size (max_body)",
        ),
        *(
            (not _is_host(host), f"{name}: a host name or an address alone, without a port or http://")
            for name, host in (
                ("host", settings.host),
                ("metrics_host", settings.metrics_host),
                ("smtp_host", settings.smtp_host),
            )
        ),
        (
            not re.fullmatch(r"[a-z]{2,}(-[a-z]+)+-[0-9]{1,2}", settings.region),
            "region: as AWS writes them, such as eu-west-1",
        ),
        (not re.fullmatch(_MAIL_FROM, settings.mail_from), f"mail_from: {_AN_ADDRESS}"),
        (
            bool(settings.smtp_host) and any(sender.name == OF_SETTINGS for sender in settings.senders),
            f"senders.{OF_SETTINGS}: the mail server of smtp_host is called so; choose another name",
        ),
        (settings.dev_tls_port > 65535, "port, tls_port: at most 65535"),
        (
            settings.metrics_port != 0 and settings.metrics_port in (settings.port, settings.dev_tls_port),
            "metrics_port: a port of its own, since metrics are not for whoever sends requests",
        ),
        (
            bool(settings.audit_otlp) and not re.fullmatch(r"https?://[^\s@/?#]+(/[^\s?#]*)?", settings.audit_otlp),
            "audit_otlp: the whole address, such as http://127.0.0.1:4318/v1/logs",
        ),
        (
            bool(settings.compromised_passwords_url)
            and not re.fullmatch(r"https?://[^\s@/?#]+(/[^\s?#]*)?", settings.compromised_passwords_url),
            "compromised_passwords_url: the address before /range/, such as https://api.pwnedpasswords.com",
        ),
        (
            settings.identity_issuer not in {"", "aws"}
            and not re.fullmatch(r"https?://[a-z0-9.-]+(:[0-9]+)?(/[\w.~-]+)*/?", settings.identity_issuer, re.ASCII),
            "identity_issuer: aws, or an address such as https://id.example.com, with a path or without",
        ),
        (
            settings.identity_issuer == "aws" and any(broker.kind != "own" for broker in settings.brokers),
            "brokers: another STS can verify no token of identity_issuer aws; name an address of this server there",
        ),
        (
            not all(_is_network(network) for network in settings.egress_allow),
            "egress_allow: networks, such as 10.1.0.0/16 or fd12:3456::/32",
        ),
        (
            not all(is_address(proxy) or _is_network(proxy) for proxy in settings.trusted_proxies),
            "trusted_proxies: addresses or networks, such as 10.0.0.2, 10.0.0.0/24 or fd12:3456::/64",
        ),
        (
            not all(isinstance(prefix, str) and re.fullmatch(r"\+[0-9]+", prefix) for prefix in settings.sms_prefixes),
            "sms_prefixes: how phone numbers begin, such as +49 or +1204",
        ),
    )
    messages = [message for bad, message in faults if bad] + ambiguous(settings.all_senders)
    if serving and settings.dev_key and not settings.dev:
        messages.append("dev_key: a key that everybody knows signs in development mode alone (--dev)")
    if serving:
        mode = {"dev": settings.dev, "local_functions": settings.local_functions}
        messages += [message for function in settings.functions for message in impossible(function, **mode)]
    if messages:
        raise SettingsError("\n".join(messages))


def _is_origin(text: str) -> bool:
    """Say whether a text is scheme, host and port: a name in ASCII, or an address."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    named = bool(re.fullmatch(_HOST_NAME, host)) or is_address(host)
    rest = (parts.username, parts.password, parts.path, parts.query, parts.fragment)
    return (
        parts.scheme in {"http", "https"}
        and named
        and not any(rest)
        and text.isprintable()
        and not text.endswith(("?", "#"))
    )


def _is_host(text: str) -> bool:
    return not text or is_address(text.partition("%")[0]) or bool(re.fullmatch(_HOST_NAME, text))


def _has_ports(database: str) -> bool:
    """Say whether the ports of an address, of one host or several, are numbers."""
    try:
        parts = urlsplit(database)
    except ValueError:
        return False
    hosts = parts.netloc.rpartition("@")[2].split(",")
    ports = [host.rpartition(":")[2] for host in hosts if ":" in host.rpartition("]")[2]]
    return all(port.isdigit() for port in ports) and "@" not in f"{parts.path}{parts.fragment}"


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
