"""Where is the file of an import job uploaded? At a signed address, for one job, for a quarter of an hour."""

import msgspec

from poolkeeper.call import Call, House
from poolkeeper.crypto import base64url
from poolkeeper.crypto.seal import SealError
from poolkeeper.model.imports import UPLOAD_LIFE

PATH = "/imports/"
_PURPOSE = "import"
_LONGEST = 1_024


class _Ticket(msgspec.Struct, frozen=True, array_like=True):
    pool_id: str
    job_id: str
    issued_at: int


def make(call: Call, pool_id: str, job_id: str) -> str:
    """Return the address that takes a job's file from now on."""
    ticket = msgspec.msgpack.encode(_Ticket(pool_id, job_id, call.now))
    sealed = call.house.sealer.seal_blob(ticket, purpose=_PURPOSE, now=call.now)
    return f"{call.settings.issuer_base}{PATH}{job_id}?signature={base64url.encode(sealed)}"


def pool_of(house: House, *, job_id: str, signature: str, now: int) -> str:
    """Return the pool whose job an address was made for.

    Raises ValueError, which says why, for an address that was altered, is another job's, or is too old, also where it is
    older than a restore of the database.
    """
    try:
        opened = house.sealer.open_blob(base64url.decode(signature[:_LONGEST]), purpose=_PURPOSE)
        ticket = msgspec.msgpack.decode(opened, type=_Ticket)
    except (ValueError, SealError):
        raise ValueError("an address that was not made here") from None
    if ticket.job_id != job_id:
        raise ValueError("an address of another job")
    if ticket.issued_at + UPLOAD_LIFE <= now:
        raise ValueError("an address that has expired")
    if ticket.issued_at <= house.restored_at:
        raise ValueError("an address from before a restore")
    return ticket.pool_id


def part_key(*, pool_id: str, job_id: str, upload: str, number: int) -> dict[str, str]:
    """Return the column for which a part of a file is sealed."""
    return {"table": "import_parts", "key": f"{pool_id}/{job_id}/{upload}/{number}", "column": "payload"}
