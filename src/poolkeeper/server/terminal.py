"""What does whoever starts the server read? Every text of its start, its refusal to start, and its end.

All of it is for standard error. Each function turns facts into lines without a line end; none of them prints.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from poolkeeper import variables
from poolkeeper.secret import Secret
from poolkeeper.server.typed import NAME

WIDTH = 79

_ACCENT, _BOLD, _PLAIN = "\x1b[36m", "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """The first access key, when this start made it: it is shown now and never again."""

    access_key_id: str
    secret: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPool:
    """The pool of a first start in development. Its client has no secret and may use USER_PASSWORD_AUTH.

    `sign_in_page` opens its pages, which lead to `application` with a code; empty where the bare host has no pages.
    """

    pool_id: str
    client_id: str
    sign_in_page: str = ""
    application: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The facts of a start.

    `address` is where it listens (`http://localhost:7665`), `issuer` the public address that tokens and links carry;
    `tls_address` and `ca_file` are empty where there is no TLS. `database` is its kind and place, without a password.
    `made_key` is None when the key was given or made earlier, and where a file has it: `key_file`. `ready` is in milliseconds
    since the process began. `test_key`: the key that everybody knows signs here. `program` is how this one is called,
    `folder_flag` what its commands need to be about this server.
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
    key_file: str = ""
    demo: DemoPool | None = None
    sends_mail: bool = True
    test_key: bool = False
    program: str = NAME
    folder_flag: str = ""


def wants_color(environment: Mapping[str, str], *, on_terminal: bool) -> bool:
    """Say whether to colour: on a terminal, unless NO_COLOR is set and not empty (https://no-color.org)."""
    return on_terminal and not environment.get("NO_COLOR")


def ready_lines(start: Start, *, color: bool = False) -> list[str]:
    """Return what a terminal shows once the server can answer: a page at the first start, later a line."""
    if not start.first:
        return [_summary(start, color=color), *_again(start), *_mail_warning(start)]

    mode = "development mode" if start.dev else ""
    title = f"  Poolkeeper {start.version}"
    lines = ["", (title + mode.rjust(WIDTH - len(title))).rstrip(), "", *_address_rows(start, color=color), ""]
    lines += [f"  {line}".rstrip() for line in _mode_notes(start)]

    lines += [f"  {_paint('First start.', _BOLD, color=color)} What follows is shown once:", ""]
    lines += _key_block(start, number="1. " if start.demo else "")
    lines += _demo_block(start, start.demo) if start.demo else _seeded_block(start) if start.pools else _example_block()
    lines += [f"  Ready in {_seconds(start.ready)}. Stop with Ctrl+C.", ""]
    return lines


def log_lines(start: Start) -> list[str]:
    """Return the same facts where no terminal is: one log line each, without the key (see `key_lines`)."""
    if not start.first:
        return [_summary(start, color=False), *_again(start), *_mail_warning(start)]
    lines = [f"{name}: {address}" for name, address in _addresses(start)]
    if start.ca_file:
        lines.append(f"Development CA: {start.ca_file}")
    if start.demo:
        lines.append(f"Demo pool: {start.demo.pool_id}, app client {start.demo.client_id}")
        if start.demo.sign_in_page:
            lines.append(f"Its sign-in page: {start.demo.sign_in_page}")
    if start.key_file:
        lines.append(f"A first access key with all rights, for its owner alone, is in {start.key_file}")
    elif start.made_key is None:
        lines.append(_KEY_GIVEN)
    return [*lines, *_mail_warning(start), _summary(start, color=False)]


def key_lines(start: Start) -> list[str]:
    """Return the made key for a log, in one line that a shell takes; nothing when none was made."""
    if start.made_key is None:
        return []
    (first, *rest) = _exports(start, start.made_key)
    one_line = " ".join([first, *(line.removeprefix("export ") for line in rest)])
    return ["Warning: a first access key with all rights is in this log. Give one by environment instead.", one_line]


def cannot_start(reason: str, *remedy: str) -> list[str]:
    """Return why there is no start (`reason` without a full stop), then what to do."""
    return [f"Cannot start: {reason}.", *(f"  {line}" for line in remedy)]


def migrated(version: int, *, wanted: int) -> list[str]:
    """Return what SQLite in development says when it has migrated itself."""
    return [f"The database was at version {version}; it is at version {wanted} now."]


def waiting(database: str, seconds: int, why: str) -> str:
    """Return what a start says while its database does not answer yet."""
    return f"Waiting for the database {database}, {seconds} seconds at the most: {why}"


def made_ring(path: str) -> list[str]:
    """Return the warning for sealing keys that this start made."""
    return [
        f"Warning: new sealing keys were made: {path}",
        "  Keep a copy in another place than the database: without them nothing in it can be opened.",
    ]


def new_beside_keys(database: str, ring: str) -> list[str]:
    """Return the warning for an empty database that was made where sealing keys had been before."""
    return [
        f"Warning: the database {database} is new, and the sealing keys {ring} were there before it.",
        "  If there was a database, its file is gone: stop this server, and bring back a backup with poolkeeper restore.",
    ]


def seed_waits(waiting: Sequence[str]) -> list[str]:
    """Return the warning for what a seed file asks for and was deleted so lately that its id is not free."""
    if not waiting:
        return []
    return [
        "Warning: not everything of the seed file is there: the worker still removes what had the same ids.",
        *(f"  {line} will be made by the next start" for line in waiting),
    ]


def seed_stays(file: str, before: int, *, reset: str) -> list[str]:
    """Return what a later start with a seed file says, for whoever has changed it; `reset` is where development goes back to it."""
    if not before:
        return []
    entries = "1 entry is" if before == 1 else f"{before} entries are"
    back = [f"To begin anew from the file, without anything else: curl -X POST {reset}"] if reset else []
    return [f"Of {file} {entries} there already and left as before, whatever the file says of it now.", *back]


def new_root(access_key_id: str) -> list[str]:
    """Return what a later start says when it has stored root's key from the settings, anew or again."""
    return [
        f"The access key {access_key_id} of POOLKEEPER_ROOT_ACCESS_KEY_ID was not there; it is now, with all rights."
    ]


def former_root(access_key_id: str) -> list[str]:
    """Return the warning for a key of root's that the settings do not name any more."""
    return [
        f"Warning: {access_key_id}, not the key in POOLKEEPER_ROOT_ACCESS_KEY_ID, is enabled and has all rights too.",
        f"  If nobody needs it: poolkeeper keys delete {access_key_id}",
    ]


def public_without_tls(host: str) -> list[str]:
    """Return the warning for a server that others can reach and whose own address is not https."""
    return [
        f"Warning: {host} can be reached by others, and passwords would cross the network in clear.",
        "  Put a proxy with TLS in front, and name its address: --base-url https://...",
    ]


def few_descriptors(descriptors: int, *, room: int, wanted: int) -> list[str]:
    """Return the warning for a process that may have fewer files and connections open than it should."""
    return [
        f"Warning: this process may have {descriptors:,} descriptors, so it keeps {room:,} connections and not {wanted:,}.",
        "  Allow it more (ulimit -Hn, LimitNOFILE=), or ask for fewer: max_connections",
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


def _again(start: Start) -> list[str]:
    """Return where a later start leads whoever has forgotten what the first one showed."""
    if not start.dev:
        return []
    key = "The access key test (secret: test) signs here. " if start.test_key else ""
    return [f"{key}Ids, keys and lines for a shell or an .env file: {start.program} status{start.folder_flag}"]


def _seconds(milliseconds: int) -> str:
    return f"{milliseconds / 1000:.1f} s"


def _summary(start: Start, *, color: bool) -> str:
    address = _paint(start.address, _ACCENT, color=color)
    inbox = " (open it in a browser; inbox: /_dev/inbox)" if start.dev else ""
    issuer = f", issuer {start.issuer}" if start.issuer != start.address else ""
    pools = "1 user pool" if start.pools == 1 else f"{start.pools} user pools"
    ready = f"Poolkeeper {start.version} is ready in {_seconds(start.ready)}"
    return f"{ready}: {address}{inbox}{issuer}, {pools}, {start.database}"


def _addresses(start: Start) -> list[tuple[str, str]]:
    one_address = start.issuer == start.address
    rows = (
        ("API and issuer" if one_address else "API", start.address),
        ("Issuer", "" if one_address else start.issuer),
        ("With TLS", start.tls_address),
        ("Inbox", f"{start.address}/_dev/inbox" if start.dev else ""),
        ("Data", start.database),
    )
    return [(name, address) for name, address in rows if address]


def _address_rows(start: Start, *, color: bool) -> list[str]:
    rows = []
    for name, address in _addresses(start):
        painted = _paint(address, _ACCENT, color=color and "://" in address)
        row = f"    {name:<17}{painted}"
        if name == "With TLS" and start.ca_file:
            authority = f"development CA: {start.ca_file}"
            beside = 21 + len(address) + 6 + len(authority) <= WIDTH
            row += " " * 6 + authority if beside else "\n" + " " * 21 + authority
        rows += row.split("\n")
    return rows


def _mode_notes(start: Start) -> list[str]:
    if start.dev:
        return [
            "Development mode: no mail and no SMS leaves this machine; all of it is in the",
            "inbox. Do not give this mode to other people. In a browser the first address",
            "shows ids, lines for your programs, and the last requests with their errors.",
            "",
        ]
    return [*_mail_warning(start), ""] if _mail_warning(start) else []


def _mail_warning(start: Start) -> list[str]:
    if start.dev or start.sends_mail:
        return []
    return ["Warning: no mail sender is set up, no code arrives. Set smtp_host or [senders]"]


def _key_block(start: Start, *, number: str) -> list[str]:
    if start.key_file:
        return [
            "  A first access key with all rights, for its owner alone, is in the file",
            f"       {start.key_file}",
            "",
        ]
    if start.made_key is None:
        return [f"  {number}{_KEY_GIVEN}", ""]
    return [
        f"  {number}A first access key with all rights. Keep it where you keep secrets.",
        "",
        *(f"       {line}" for line in _exports(start, start.made_key)),
        "",
    ]


def _exports(start: Start, key: MadeKey) -> list[str]:
    regions = " ".join(f"{name}={value}" for name, value in variables.regions(start.region).items())
    given = variables.endpoints(start.address).items()
    secret = variables.keys(key.access_key_id, key.secret.reveal()).items()
    return [
        *(f"export {name}={value}" for name, value in given),
        f"export {regions}",
        *(f"export {name}={value}" for name, value in secret),
    ]


def _example_block() -> list[str]:
    return ["  Then, for example:", "", "       aws cognito-idp create-user-pool --pool-name customers", ""]


def _seeded_block(start: Start) -> list[str]:
    """Return where to read the ids of what a seed file asked for; at a first start there are no other pools."""
    pools = "1 user pool of the seed file is" if start.pools == 1 else f"{start.pools} user pools of the seed file are"
    return [
        f"  {pools} there. Ids, and lines for your programs:",
        "",
        *([f"       {start.address}/"] if start.dev else []),
        f"       {start.program} status{start.folder_flag}",
        "",
    ]


def _demo_block(start: Start, demo: DemoPool) -> list[str]:
    return [
        "  2. A demo pool to try a sign-up in. No key is needed for that.",
        "",
        f"       Pool id          {demo.pool_id}",
        f"       App client id    {demo.client_id}",
        "",
        *_page_block(demo),
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


def _page_block(demo: DemoPool) -> list[str]:
    """Return the way to the pages; an address is not broken, so that a terminal opens it whole."""
    if not demo.sign_in_page:
        return []
    return [
        "     In a browser: people sign up and in on pages of the pool, and come back to",
        f"     an application at {demo.application} with a code. The page is at",
        "",
        f"       {demo.sign_in_page}",
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
