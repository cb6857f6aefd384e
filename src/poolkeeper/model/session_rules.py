"""How is a session told to whom it belongs? Its public name, and the device that a User-Agent speaks of."""

import re

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NAME_LENGTH = 25  # digits of base 36, as many as 128 bits may take
# How the name of a session begins: of one that tokens belong to, and of a browser's (oauth-federation.md 4).
TOKEN, BROWSER = "tkn", "sso"
_NAME = re.compile(r"(tkn|sso)([0-9a-z]{25})")

# (what a User-Agent holds, what that is): the first that fits counts, since later browsers also name those that they
# imitate.
_SYSTEMS = (
    ("windows", "Windows"),
    ("iphone", "iOS"),
    ("ipad", "iPadOS"),
    ("android", "Android"),
    ("cros ", "ChromeOS"),
    ("mac os x", "macOS"),
    ("macos", "macOS"),
    ("linux", "Linux"),
)
_BROWSERS = (
    ("edg/", "Edge"),
    ("edga/", "Edge"),
    ("edgios/", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("firefox/", "Firefox"),
    ("fxios/", "Firefox"),
    ("crios/", "Chrome"),
    ("chrome/", "Chrome"),
    ("safari/", "Safari"),
)
# What is no browser names itself first (RFC 9110 section 10.1.5).
_PRODUCT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}(?=[/ ]|$)")


def session_name(session_id: str, kind: str = TOKEN) -> str:
    """Return the SessionId of a session: its kind and its id, a UUID, as 25 digits of base 36 (userpools.md 2.5)."""
    # UNVERIFIED: whether AWS's SessionId can be told from the claims of a token; one list beside one token would settle it.
    number, digits = int(session_id.replace("-", ""), 16), ""
    for _ in range(_NAME_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits = _DIGITS[digit] + digits
    return f"{kind}{digits}"


def named(name: str) -> tuple[str, str] | None:
    """Return kind and id of the session that is called `name`, None for what is no session's name."""
    match = _NAME.fullmatch(name)
    number = 1 << 128 if match is None else int(match[2], len(_DIGITS))
    if match is None or number >= 1 << 128:
        return None
    digits = f"{number:032x}"
    return match[1], f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def device_type(user_agent: str) -> str:
    """Return the browser or app, and the system, that a User-Agent speaks of; `unknown` where it speaks of neither."""
    # UNVERIFIED: the form of AWS's description; one list after a sign-in by a browser would settle it.
    return " on ".join(part for part in program_and_system(user_agent) if part) or "unknown"


def program_and_system(user_agent: str) -> tuple[str, str]:
    """Return the browser or app, and the system, that a User-Agent speaks of; nothing for what it does not speak of."""
    lowered = user_agent.lower()
    system = next((name for mark, name in _SYSTEMS if mark in lowered), "")
    program = next((name for mark, name in _BROWSERS if mark in lowered), "") or _product(user_agent)
    return program, system


def _product(user_agent: str) -> str:
    product = _PRODUCT.match(user_agent)
    return "" if product is None or product[0] == "Mozilla" else product[0]
