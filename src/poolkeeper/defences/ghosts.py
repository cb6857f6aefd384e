"""What does a ghost have? A name, means to sign in with, addresses for its codes: the same ones each time.

They are a guess, by an HMAC, at what a user of that name in that pool might have (userpools.md 7.4): what every such
user has, the ghost has too. The folded name counts, however it was typed, as for a user.
"""

import hashlib
import hmac
from functools import lru_cache

from poolkeeper.clock import DAY, HOUR
from poolkeeper.lookup import Subject
from poolkeeper.model.attributes import VERIFIED
from poolkeeper.model.first_factor import Means
from poolkeeper.model.names import FORMS, looks_like_email, looks_like_phone
from poolkeeper.model.pool import Pool
from poolkeeper.model.second_factor import NOTHING
from poolkeeper.model.user import CONFIRMED, User
from poolkeeper.risk.observation import Observation
from poolkeeper.risk.places import Place
from poolkeeper.risk.profile import decode, encode, learned

# What ghosts signed in with and from where, a guess at what people use; and how many histories a pool has for them.
_PROGRAMS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
)
_COUNTRIES = ("US", "IN", "BR", "GB", "DE", "FR", "JP", "CA", "AU", "ES", "IT", "NL", "MX", "PL", "SE", "ZA")
_HISTORIES, _FEWEST, _MOST = 32, 6, 20


def shared_place(subject_id: str) -> str:
    """Return the owner of a row that is written only to spend the time: all unknown names of a pool share a few."""
    return f"nobody {subject_id[:3]}"


def shown_name(pool: Pool, subject: Subject) -> str:
    """Return USER_ID_FOR_SRP: a user's stored name, and for a ghost what a user's would look like (userpools.md 7.4)."""
    if subject.user is not None:
        return subject.user.username
    by_address = any(has_form(subject.folded) for has_form in FORMS.values()) if pool.alias_attributes else False
    return subject.subject_id if pool.username_attributes or by_address else subject.folded


def certain(pool: Pool, subject: Subject) -> frozenset[str]:
    """Return the addresses (email, phone_number) that every user of such a name has: required ones, and sign-in names."""
    signs_in_by = pool.username_attributes | pool.alias_attributes
    by_name = {name for name, has_form in FORMS.items() if name in signs_in_by and has_form(subject.folded)}
    demanded = FORMS.keys() & set(pool.schema.required)
    alone = pool.username_attributes if len(pool.username_attributes) == 1 else frozenset()
    return frozenset(by_name | demanded | alone)


# How many digits people's phone numbers have, country code included, about as often as they do.
_PHONE_DIGITS = (10, 11, 11, 11, 12, 12, 12, 13)


def means(pool: Pool, subject: Subject) -> Means:
    """Return what a ghost has: the addresses that everybody has, its name if that is one, and a guess at the rest.

    The guess covers every choice that would otherwise show that a user exists: users with a second factor may not begin
    with every first factor, and some have no password.
    """
    guesses = _drawn(pool, b"means", subject)
    sure = certain(pool, subject)
    email = "email" in sure or guesses[0] % 2 == 0
    phone = "phone_number" in sure or guesses[1] % 4 == 0
    has_address = {"email": email, "phone_number": phone}
    return Means(
        password=guesses[5] % 4 != 0,
        email=email,
        phone=phone,
        passkey=guesses[2] % 4 == 0,
        totp=guesses[3] % 4 == 0,
        verified=frozenset(name for name, has in has_address.items() if has),
        two_factors=pool.mfa.mode == "ON" or (pool.mfa.mode == "OPTIONAL" and guesses[4] % 4 == 0),
        passkey_is_two=pool.mfa.passkey_is_two,
    )


def history(pool: Pool, subject: Subject, *, now: int) -> tuple[bytes | None, int]:
    """Return a ghost's history, encoded as in a row, and its age: its risk does not show that it is no user.

    Most ghosts have signed in before, from somewhere else; that is a guess too.
    """
    guesses = _drawn(pool, b"history", subject)
    taught = None if guesses[0] % 4 == 0 else _taught(pool.secret, guesses[2] % _HISTORIES, now // (7 * DAY))
    return taught, (guesses[1] + 30) * DAY


@lru_cache(maxsize=4_096)
def _taught(secret: bytes, history_number: int, week: int) -> bytes:
    """Return a history for some of a pool's ghosts: made once a week, so that it costs no more than a user's.

    It is as long as a user's and has a place: a sign-in from abroad is as risky for a ghost as for a frequent user.
    """
    drawn, profile = hmac.digest(secret, b"history\x00" + bytes([history_number]), hashlib.sha256), decode(None)
    place = Place(
        country=_COUNTRIES[drawn[5] % len(_COUNTRIES)], city=drawn[6:8].hex(), asn=int.from_bytes(drawn[8:10]) + 1
    )
    for past in range(_FEWEST + drawn[11] % (_MOST - _FEWEST + 1), 0, -1):
        seen = Observation(
            at_ms=(week * 7 - past) * DAY + drawn[10] % 24 * HOUR,
            address=f"{drawn[0] % 200 + 11}.{drawn[1]}.{drawn[2]}.{drawn[3]}",
            user_agent=_PROGRAMS[drawn[4] % len(_PROGRAMS)],
            device="",
            time_zone="",
            account_age_ms=0,
            known_device=False,
            failures=0,
            network_failures=0,
            spray_names=0,
            bad_signature=False,
        )
        profile = learned(profile, seen, place)
    return encode(profile)


def address(pool: Pool, subject: Subject, attribute: str) -> str:
    """Return the address that a ghost's code pretends to go to: its name, where that is an address."""
    name = subject.folded
    letters = _drawn(pool, b"recipient", subject)
    if attribute == "email":
        local, domain = (chr(ord("a") + byte % 26) for byte in letters[:2])
        return name if looks_like_email(name) else f"{local}@{domain}"
    if looks_like_phone(name):
        return name
    digits = _PHONE_DIGITS[letters[0] % len(_PHONE_DIGITS)]  # a mask shows how many there are
    return f"+{letters[1] % 9 + 1}" + "".join(str(byte % 10) for byte in letters[2 : digits + 1])


def stand_in(pool: Pool, subject: Subject, attribute: str, destination: str, *, now: int) -> User:
    """Return a user who stands in for a ghost in its message, with the address that the message pretends to go to."""
    return User(
        pool_id=pool.pool_id,
        sub=subject.subject_id,
        username=shown_name(pool, subject),
        status=CONFIRMED,
        enabled=True,
        attributes={"sub": subject.subject_id, attribute: destination, VERIFIED[attribute]: "true"},
        credential=None,
        credential_version=0,
        version=0,
        created_at=now,
        updated_at=now,
        mfa=NOTHING,
    )


def _drawn(pool: Pool, purpose: bytes, subject: Subject) -> bytes:
    return hmac.digest(pool.secret, purpose + b"\x00" + subject.subject_id.encode(), hashlib.sha256)
