"""What can an operator set? Every setting, its default and one sentence on it; docs/settings.md is generated from it."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_type_hints

from poolkeeper.backchannel_settings import BackchannelSetting
from poolkeeper.broker_settings import BrokerSetting
from poolkeeper.function_settings import FunctionSetting
from poolkeeper.hosts import has_no_names_below, host_in
from poolkeeper.log_delivery_settings import LogDestination
from poolkeeper.secret import Secret
from poolkeeper.sender_settings import EMAIL, OF_SETTINGS, SenderSetting, SmtpTransport, names_of
from poolkeeper.verifier_settings import VerifierSetting

PREFIX = "POOLKEEPER_"


class SettingsError(Exception):
    """A setting that cannot be used. The message names it, what is wrong and what would be right."""


def _setting(default: Any, help_text: str) -> Any:
    return dataclasses.field(default=default, metadata={"help": help_text})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, decided once at start and handed to what needs it."""

    host: str = _setting("127.0.0.1", "Address to listen on.")
    port: int = _setting(7665, "Port to listen on.")
    tls_port: int = _setting(0, "Port for TLS with the development certificate; 0: none, or port + 1 with --dev.")
    data: Path = _setting(
        Path("data"), "Folder for the SQLite file, the sealing keys and the development certificates."
    )
    # It may hold a password.
    database: str = dataclasses.field(
        default="",
        repr=False,
        metadata={"help": "postgresql://... ; empty: the SQLite file in the data folder."},
    )
    database_read_connections: int = _setting(
        10, "Connections to PostgreSQL that each process reads by, at most (database.md)."
    )
    database_write_connections: int = _setting(
        10, "Connections to PostgreSQL that each process changes by, at most; a standby that is away holds them up."
    )
    workers: int = _setting(1, "Processes that answer requests; more than one needs PostgreSQL.")
    base_url: str = _setting("", "Public address, which fixes the issuer and links; empty: http://localhost:<port>.")
    former_base_urls: tuple[str, ...] = _setting((), "Earlier public addresses whose tokens are still accepted.")
    domain_base: str = _setting(
        "", "Host below which the prefix domains of pools are; empty: auth.<host of the public address>."
    )
    domain_paths: str = _setting(
        "auto", "Serve pages under /_domains/<domain>/ too: on, off, or auto: on in development mode."
    )
    domain_by_client: str = _setting(
        "auto",
        "Serve pages on the public address itself, for the pool of the client_id: on, off, or auto: on in development mode "
        "and where that address is localhost or a number.",
    )
    unstyled_pages: str = _setting(
        "show",
        "Pages of an app client without a style at a domain of managed login: show (they have the plain look) or refuse, as "
        "AWS does.",
    )
    config: Path | None = _setting(None, "Configuration file; default: poolkeeper.toml in the data folder.")
    seed: Path | None = _setting(
        None,
        "File of pools, app clients, users and more that are made at each start where they lack; default: "
        "poolkeeper.seed.toml in the data folder, once.",
    )
    dev: bool = _setting(False, "Development mode: messages are kept in an inbox, TLS with a certificate of our own.")
    dev_anywhere: bool = _setting(False, "Let development mode listen on an address that is not loopback.")
    dev_key: bool = _setting(
        False,
        "Let the access key test (secret: test) sign there too; on loopback it does so in development mode anyway.",
    )
    dev_hosts: tuple[str, ...] = _setting(
        (),
        "Further names under which development mode is talked to, such as that of a Compose service: to every other name than "
        "localhost its outbox, its inbox and the key test say nothing.",
    )
    debug: bool = _setting(False, "Show tracebacks.")

    account_id: str = _setting("000000000000", "The twelve digits of the account in ARNs.")
    region: str = _setting("us-east-1", "Region of what is made without a signed request.")
    issuer: str = _setting("own", "Issuer of tokens: own (<base url>/<pool id>) or aws (https://cognito-idp...).")

    identity_issuer: str = _setting(
        "",
        "Issuer of the tokens of identity pools: an address at which this server is reached, or aws "
        "(https://cognito-identity.amazonaws.com, which nobody else can verify); empty: the public address.",
    )
    identity_token_algorithm: str = _setting("RS512", "How those tokens are signed: RS512, as at AWS, or RS256.")
    guest_days: int = _setting(
        365, "Days after its last call for which an identity without logins (a guest) is kept; 0: for good."
    )
    guests_per_network_per_hour: int = _setting(
        1_000,
        "Guests that one client network (IPv4 address, IPv6 /64) may make in an hour in one identity pool, at each process; "
        "0: no limit.",
    )
    guest_policy: str = _setting(
        "default",
        "What guests of identity pools may do at the most with credentials of the enhanced flow: default (the services that "
        "AWS lists), none (whatever their role may), or the path of a file with an IAM policy.",
    )
    unknown_roles: str = _setting(
        "empty",
        "Roles that an identity pool names and IAM here does not hold: empty (credentials without any rights here) or refuse.",
    )

    brokers: tuple[BrokerSetting, ...] = _setting(
        (),
        'Who makes the credentials of identities, where Poolkeeper does not: tables [brokers."<identity pool id>"], in '
        "poolkeeper.toml alone (identity-pools.md).",
    )

    root_access_key_id: str = _setting("", "Id of the first access key; empty: one is made at first start.")
    root_secret_access_key: Secret = _setting(Secret(""), "Secret of the first access key.")
    sealing_key_file: Path | None = _setting(
        None, "File of sealing keys, mode 600; default: sealing.keys in the data folder."
    )

    password_hash_memory: int = _setting(19_456, "Memory of one Argon2id password hash, in KiB.")
    password_hash_passes: int = _setting(2, "Passes over that memory.")
    heavy_threads: int = _setting(
        0, "Threads for password hashes and SRP in each process; 0: cores / workers, at least 1."
    )
    heavy_queue: int = _setting(
        64, "Password hashes and SRP proofs that may wait in each process before the longest line gives way."
    )
    heavy_reserve: int = _setting(
        16, "How many more may wait who bring a valid token or signature, or name a remembered device of the user."
    )

    max_body: int = _setting(
        1_048_576,
        "Largest body of a signed request, in bytes (of one with pictures of a style at least 3145728); of any other 131072 are "
        "taken, of a form 65536.",
    )
    max_body_memory: int = _setting(
        67_108_864, "Bytes of request bodies that each process holds until their answers; above it the slowest are cut."
    )
    max_connections: int = _setting(
        4096, "Open connections in each process, fewer where descriptors lack; above it the longest idle is closed."
    )
    max_connections_per_address: int = _setting(
        512, "Open connections from one client address (of IPv6 its /64) in each process."
    )
    header_seconds: int = _setting(5, "Seconds in which the head of a request must arrive.")
    body_seconds: int = _setting(10, "Seconds in which the body of a request must arrive.")
    idle_seconds: int = _setting(60, "Seconds for which a connection may be kept open without a request.")
    sms_per_number_per_hour: int = _setting(
        20,
        "Text messages of one pool to one number in an hour, those to a proved number counted by themselves and as many "
        "again for networks that asked for hardly any; who asks for more is told. 0: no limit.",
    )
    sms_per_pool_per_hour: int = _setting(0, "Text messages of one pool in an hour; 0: no limit.")
    sms_prefixes: tuple[str, ...] = _setting(
        (), "Beginnings (+49,+43) of the numbers that get text messages; empty: all."
    )
    messages_per_claim_per_hour: int = _setting(
        20,
        "Messages of one pool in an hour to one mailbox or number that nobody has proved to be theirs (sign-up, resend, a "
        "new address); what is more is not sent. 0: no limit.",
    )
    wrong_codes_per_claim_per_hour: int = _setting(
        30, "Wrong codes in an hour for one such mailbox or number, over all users of a pool; 0: no limit."
    )
    messages_per_proved_address_per_hour: int = _setting(
        40,
        "Messages of one pool in an hour to one mailbox or number that was proved (a reset, a sign-in's code); what is more "
        "is not sent. 0: no limit.",
    )
    messages_kept_for_a_network: int = _setting(
        3, "The first messages in an hour to a proved address that each client network gets beyond that."
    )
    messages_per_network_per_hour: int = _setting(
        3_000,
        "Messages in an hour that one client network (IPv4 address, IPv6 /64) causes at each process; 0: no limit.",
    )
    wrong_codes_per_network_per_hour: int = _setting(
        600, "Wrong codes in an hour from one client network at each process; 0: no limit."
    )
    sign_ups_per_minute: int = _setting(0, "SignUp calls of public clients from one address in a minute; 0: no limit.")
    ghosts_per_pool: int = _setting(
        50_000,
        "Codes, counts and locks, of each so many, that a pool keeps for names that nobody has; the oldest go; 0: no limit.",
    )
    names_per_network_per_hour: int = _setting(
        3_000,
        "Names of which one client network (IPv4 address, IPv6 /64) may be the first in an hour to ask for codes or give "
        "something wrong (each CUSTOM_AUTH counts), at each process; further ones are refused as if their attempts were used up. 0: no limit.",
    )
    request_limits: bool = _setting(
        False, "Hold requests to Cognito's rates a second, category by category (sizing.md); off: to none of them."
    )
    request_limit_servers: int = _setting(
        1, "Servers on the same database that share these rates: each process lets its share of them through."
    )
    request_limit_maximum: int = _setting(
        10_000, "The most requests a second that UpdateProvisionedLimit gives a category."
    )
    trusted_proxies: tuple[str, ...] = _setting(
        (), "Addresses and networks of proxies whose X-Forwarded-For is believed."
    )

    account_notices: bool = _setting(
        True,
        "Mail users when a way of their MFA is gone or leads elsewhere, their app is replaced or their address moves.",
    )
    confirm_links_at_once: bool = _setting(
        False,
        "Confirm an address as soon as the link of its message is opened, as AWS does, and not by a button there. Programs "
        "that look into mail open links too.",
    )
    global_sign_out_ends_browsers: bool = _setting(
        False, "Let GlobalSignOut and AdminUserGlobalSignOut end the sign-ins of browsers at the pages too."
    )
    implicit_write: str = _setting(
        "all", "Attributes that an app client without WriteAttributes may write: all, as with AWS, or standard alone."
    )
    strict_tiers: bool = _setting(
        False, "Refuse pools and app clients that their UserPoolTier does not have; off: every tier has everything."
    )
    place_files: tuple[str, ...] = _setting(
        (), "Files in MaxMind's format that say where addresses are, for threat protection; none: nobody knows."
    )
    auth_event_days: int = _setting(
        90, "Days for which what users of pools with threat protection did is kept (AdminListUserAuthEvents)."
    )
    auth_events_per_user: int = _setting(
        100,
        "How many of these events of a user are kept, the newest ones: of those that proved something, and of the others.",
    )
    mfa_change_seconds: int = _setting(
        0,
        "Seconds since a sign-in with MFA in which its access token may change MFA and where its codes go; 0: always.",
    )

    smtp_host: str = _setting(
        "", "Mail server; empty: no mail is sent but by [senders] (with --dev: the inbox keeps it)."
    )
    smtp_port: int = _setting(587, "Port of the mail server.")
    smtp_security: str = _setting("starttls", "starttls, tls or none.")
    smtp_user: str = _setting("", "User name at the mail server; empty: none.")
    smtp_password: Secret = _setting(Secret(""), "Password at the mail server.")
    mail_from: str = _setting("no-reply@localhost", "Sender of mail where the pool names none.")
    senders: tuple[SenderSetting, ...] = _setting(
        (),
        "Who sends mail and text messages, and for which pools: tables [senders.<name>], in poolkeeper.toml alone "
        "(messages.md).",
    )

    compromised_passwords_file: Path | None = _setting(
        None,
        "File of `poolkeeper passwords build` with more passwords that everybody knows (compromised-passwords.md).",
    )
    compromised_passwords_url: str = _setting(
        "", "Service that is asked for ranges of such passwords, as Have I Been Pwned has it; empty: none is asked."
    )

    egress_allow: tuple[str, ...] = _setting(
        (), "Networks (10.1.0.0/16) that calls to the outside may reach although they are private."
    )

    functions: tuple[FunctionSetting, ...] = _setting(
        (), 'What the ARNs of triggers mean: tables [functions."<arn>"], in poolkeeper.toml alone (functions.md).'
    )
    local_functions: bool = _setting(False, "Let functions be programs on this machine outside development mode too.")
    function_calls_per_pool: int = _setting(
        16, "Calls of functions for one user pool in each process, under way or waiting, before new ones are refused."
    )

    verifiers: tuple[VerifierSetting, ...] = _setting(
        (), "Who may ask who signed a request: tables [verifiers.<name>], in poolkeeper.toml alone (verify.md)."
    )

    backchannel_logout: tuple[BackchannelSetting, ...] = _setting(
        (), "App clients that are told of sign-outs: tables [backchannel_logout.<client id>] (backchannel-logout.md)."
    )

    log_delivery: tuple[LogDestination, ...] = _setting(
        (), 'What the ARNs of log delivery mean: tables [log_delivery."<arn>"] of poolkeeper.toml (log-delivery.md).'
    )
    log_format: str = _setting("auto", "json, text, or auto: text on a terminal, else json.")
    audit_log: Path | None = _setting(
        None, "File to which a line is added for each signed call (audit.md); empty: none is written."
    )
    audit_otlp: str = _setting(
        "", "Address of a collector that takes these lines as OTLP/HTTP logs, such as http://127.0.0.1:4318/v1/logs."
    )
    audit_otlp_authorization: Secret = _setting(
        Secret(""), "What the collector is sent as Authorization header; empty: none is sent."
    )
    metrics_host: str = _setting("127.0.0.1", "Address on which GET /metrics is answered, in clear and to anybody.")
    metrics_port: int = _setting(0, "Port on which GET /metrics is answered, and nothing else (metrics.md); 0: none.")

    def backchannel_of(self, client_id: str) -> BackchannelSetting | None:
        """Return where logout tokens for an app client go, None where none do."""
        return next((setting for setting in self.backchannel_logout if setting.client_id == client_id), None)

    @property
    def issuer_base(self) -> str:
        """The public address without a slash at the end."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def domain_host(self) -> str:
        """The host below which prefix domains are, in lower case and without a port."""
        return (self.domain_base or f"auth.{self.base_host}").lower()

    @property
    def base_host(self) -> str:
        """The host of the public address, in lower case and without a port."""
        return host_in(self.issuer_base)

    @property
    def base_is_local(self) -> bool:
        """Whether no name below the public address resolves, outside a browser: it is localhost, or a number."""
        return has_no_names_below(self.base_host)

    @property
    def serves_paths(self) -> bool:
        """Whether pages are served under /_domains/<domain>/."""
        return self.domain_paths == "on" or (self.domain_paths == "auto" and self.dev)

    @property
    def serves_by_client(self) -> bool:
        """Whether pages are served on the public address itself."""
        if self.domain_by_client == "auto":
            return self.dev or self.base_is_local
        return self.domain_by_client == "on"

    @property
    def all_senders(self) -> tuple[SenderSetting, ...]:
        """Who sends messages outside development: the tables, and the mail server of the settings smtp_*."""
        if not self.smtp_host:
            return self.senders
        server = SmtpTransport(
            host=self.smtp_host,
            port=self.smtp_port,
            security=self.smtp_security,
            user=self.smtp_user,
            password=self.smtp_password,
        )
        return (*self.senders, SenderSetting(name=OF_SETTINGS, transport=server, media=(EMAIL,)))

    @property
    def sender_names(self) -> tuple[str, ...]:
        """Names of all ways by which a message may go, or not, as metrics have them."""
        return names_of(self.all_senders, dev=self.dev)

    @property
    def sealing_keys(self) -> Path:
        return self.sealing_key_file or self.data / "sealing.keys"

    @property
    def sqlite_file(self) -> Path:
        return self.data / "poolkeeper.sqlite3"

    @property
    def on_postgres(self) -> bool:
        return self.database.startswith(("postgresql://", "postgres://"))

    @property
    def on_loopback(self) -> bool:
        return self.host in {"localhost", "::1"} or self.host.startswith("127.")

    @property
    def has_test_key(self) -> bool:
        """Whether the access key `test` with the secret `test` signs, as root: in development, beyond loopback if told to."""
        return self.dev and (self.on_loopback or self.dev_key)

    @property
    def dev_tls_port(self) -> int:
        """The TLS port that is meant: in development the port plus 1 unless another is set; 0: none."""
        return self.tls_port or (self.port + 1 if self.dev else 0)


NAMES = tuple(field.name for field in dataclasses.fields(Settings))
HELP: Mapping[str, str] = {field.name: field.metadata["help"] for field in dataclasses.fields(Settings)}
TYPES: Mapping[str, Any] = get_type_hints(Settings)
DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in dataclasses.fields(Settings)}

# Names that a setting had in the version before, which are still taken and said so at start.
FORMER: Mapping[str, str] = {"mfa_notices": "account_notices"}
