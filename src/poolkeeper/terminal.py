"""What does whoever starts the server read? Every text of its start, its refusal to start, and its end.

All of it is for standard error. Each function turns facts into lines without a line end; none of them prints.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from poolkeeper.secret import Secret

WIDTH = 79

_ACCENT, _BOLD, _PLAIN = "\x1b[36m", "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """The first access key, when this start made it: it is shown now and never again."""

    access_key_id: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPool:
    """The pool of a first start in development. Its client has no secret and may use USER_PASSWORD_AUTH."""

    pool_id: str
    client_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The facts of a start.

    `address` is where it listens (`http://localhost:7665`), `issuer` the public address that tokens and links carry;
    `tls_address` and `ca_file` are empty where there is no TLS. `database` is its kind and place, without a password.
    `made_key` is None when the key was given or made earlier. `ready` is in milliseconds since the process began.
    """

    version: str
    dev: bool
    first: bool
    address: str
    issuer: str
    region: str
    database: str
    pools: int
    ready: int
    tls_address: str = ""
    ca_file: str = ""
    made_key: MadeKey | None = None
    demo: DemoPool | None = None
    sends_mail: bool = True


def wants_color(environment: Mapping[str, str], *, on_terminal: bool) -> bool:
    """Say whether to colour: on a terminal, unless NO_COLOR is set and not empty (https://no-color.org)."""
    return on_terminal and not environment.get("NO_COLOR")


def ready_lines(start: Start, *, color: bool = False) -> list[str]:
    """Return what a terminal shows once the server can answer: a page at the first start, later a line."""
    if not start.first:
        return [_summary(start, color=color), *_mail_warning(start)]

    mode = "development mode" if start.dev else ""
    title = f"  Poolkeeper {start.version}"
    lines = ["", (title + mode.rjust(WIDTH - len(title))).rstrip(), "", *_address_rows(start, color=color), ""]
    lines += [f"  {line}".rstrip() for line in _mode_notes(start)]

    lines += [f"  {_paint('First start.', _BOLD, color=color)} What follows is shown once:", ""]
    lines += _key_block(start, number="1. " if start.demo else "")
    lines += _demo_block(start, start.demo) if start.demo else _example_block()
    lines += [f"  Ready in {_seconds(start.ready)}. Stop with Ctrl+C.", ""]
    return lines


def log_lines(start: Start) -> list[str]:
    """Return the same facts where no terminal is: one log line each, without the key (see `key_lines`)."""
    if not start.first:
        return [_summary(start, color=False), *_mail_warning(start)]
    lines = [f"{name}: {place}" for name, place in _addresses(start)]
    if start.ca_file:
        lines.append(f"Development CA: {start.ca_file}")
    if start.demo:
        lines.append(f"Demo pool: {start.demo.pool_id}, app client {start.demo.client_id}")
    if start.made_key is None:
        lines.append(_KEY_GIVEN)
    return [*lines, *_mail_warning(start), _summary(start, color=False)]


def key_lines(start: Start) -> list[str]:
    """Return the made key as lines to be written as they are, where no terminal is; nothing when none was made."""
    if start.made_key is None:
        return []
    return [*_exports(start, start.made_key), "Logs keep this. Give the key by environment instead."]


def cannot_start(what: str, *remedy: str) -> list[str]:
    """Return why there is no start (`what` without a full stop), then what to do."""
    return [f"Cannot start: {what}.", *(f"  {line}" for line in remedy)]


def migrated(version: int, *, wanted: int) -> list[str]:
    """Return what SQLite in development says when it has migrated itself."""
    return [f"The database was at version {version}; it is at version {wanted} now."]


def public_without_tls(host: str) -> list[str]:
    """Return the warning for a server that others can reach and whose own address is not https."""
    return [
        f"Warning: {host} can be reached by others, and passwords would cross the network in clear.",
        "  Put a proxy with TLS in front, and name its address: --base-url https://...",
    ]


def stopping(requests: int) -> list[str]:
    """Return the first words of a stop; `requests` are still being answered."""
    if requests == 0:
        return ["Stopping."]
    under_way = "1 request is" if requests == 1 else f"{requests} requests are"
    return [f"Stopping: {under_way} being finished."]


def stopped() -> list[str]:
    """Return the last words."""
    return ["Stopped."]


_KEY_GIVEN = "The first access key comes from POOLKEEPER_ROOT_ACCESS_KEY_ID."


def _paint(text: str, code: str, *, color: bool) -> str:
    return f"{code}{text}{_PLAIN}" if color else text


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f} s"


def _summary(start: Start, *, color: bool) -> str:
    address = _paint(start.address, _ACCENT, color=color)
    inbox = " (inbox: /_dev/inbox)" if start.dev else ""
    issuer = f", issuer {start.issuer}" if start.issuer != start.address else ""
    pools = "1 user pool" if start.pools == 1 else f"{start.pools} user pools"
    ready = f"Poolkeeper {start.version} is ready in {_seconds(start.ready)}"
    return f"{ready}: {address}{inbox}{issuer}, {pools}, {start.database}"


def _addresses(start: Start) -> list[tuple[str, str]]:
    same = start.issuer == start.address
    rows = (
        ("API and issuer" if same else "API", start.address),
        ("Issuer", "" if same else start.issuer),
        ("With TLS", start.tls_address),
        ("Inbox", f"{start.address}/_dev/inbox" if start.dev else ""),
        ("Data", start.database),
    )
    return [(name, place) for name, place in rows if place]


def _address_rows(start: Start, *, color: bool) -> list[str]:
    rows = []
    for name, place in _addresses(start):
        painted = _paint(place, _ACCENT, color=color and "://" in place)
        row = f"    {name:<17}{painted}"
        if name == "With TLS" and start.ca_file:
            authority = f"development CA: {start.ca_file}"
            beside = 21 + len(place) + 6 + len(authority) <= WIDTH
            row += " " * 6 + authority if beside else "\n" + " " * 21 + authority
        rows += row.split("\n")
    return rows


def _mode_notes(start: Start) -> list[str]:
    if start.dev:
        return [
            "Development mode: no mail and no SMS leaves this machine; all of it is in the",
            "inbox. Do not give this mode to other people.",
            "",
        ]
    return [*_mail_warning(start), ""] if _mail_warning(start) else []


def _mail_warning(start: Start) -> list[str]:
    if start.dev or start.sends_mail:
        return []
    return ["No mail sender is set up: codes cannot be delivered. Set smtp_host."]


def _key_block(start: Start, *, number: str) -> list[str]:
    if start.made_key is None:
        return [f"  {number}{_KEY_GIVEN}", ""]
    return [
        f"  {number}A first access key with all rights. Keep it where you keep secrets.",
        "",
        *(f"       {line}" for line in _exports(start, start.made_key)),
        "",
    ]


def _exports(start: Start, key: MadeKey) -> list[str]:
    return [
        f"export AWS_ENDPOINT_URL={start.address}",
        # boto3 and version 1 of the AWS CLI read the second name, the other SDKs the first.
        f"export AWS_REGION={start.region} AWS_DEFAULT_REGION={start.region}",
        f"export AWS_ACCESS_KEY_ID={key.access_key_id}",
        f"export AWS_SECRET_ACCESS_KEY={key.secret.reveal()}",
    ]


def _example_block() -> list[str]:
    return ["  Then, for example:", "", "       aws cognito-idp create-user-pool --pool-name customers", ""]


def _demo_block(start: Start, demo: DemoPool) -> list[str]:
    return [
        "  2. A demo pool to try a sign-up in. No key is needed for that.",
        "",
        f"       Pool id          {demo.pool_id}",
        f"       App client id    {demo.client_id}",
        "",
        "     With the AWS CLI; the code is in the inbox:",
        "",
        f"       aws cognito-idp sign-up --endpoint-url {start.address} \\",
        f"         --region {start.region} --client-id {demo.client_id} \\",
        "         --username ada@lovelace.example --password 'Swim-in-2-pools' \\",
        "         --user-attributes Name=email,Value=ada@lovelace.example",
        "",
        "     With boto3, the whole way to the tokens, ready to be pasted:",
        "",
        *boto3_example(start, demo),
        "",
    ]


def boto3_example(start: Start, demo: DemoPool) -> list[str]:
    """Return a program that signs a new user up in the demo pool, reads the code and signs in.

    Its lines begin at the margin: Python would refuse indented ones when they are pasted.
    """
    return [
        "import boto3, json, urllib.request",
        f'idp = boto3.client("cognito-idp", "{start.region}",',
        f'                   endpoint_url="{start.address}")',
        f'client = "{demo.client_id}"',
        'name, password = "grace@hopper.example", "Swim-in-2-pools"',
        "idp.sign_up(ClientId=client, Username=name, Password=password,",
        '            UserAttributes=[{"Name": "email", "Value": name}])',
        f'outbox = urllib.request.urlopen("{start.address}/_dev/outbox")',
        'code = json.load(outbox)[-1]["code"]',
        "idp.confirm_sign_up(ClientId=client, Username=name, ConfirmationCode=code)",
        'answer = idp.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH",',
        '    AuthParameters={"USERNAME": name, "PASSWORD": password})',
        'print(answer["AuthenticationResult"]["AccessToken"])',
    ]
