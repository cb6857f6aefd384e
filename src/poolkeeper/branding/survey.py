"""Which styles of a pool are hard to read, or hold unknown settings? What the log said when one was set, asked again later."""

from collections.abc import Iterator
from typing import Any

import msgspec

from poolkeeper.branding import colors, documents
from poolkeeper.branding.defaults import DEFAULTS
from poolkeeper.call import House
from poolkeeper.store import brandings

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_MOST_NAMED = 20


def remarks(settings: documents.Document) -> Iterator[str]:
    """Yield a sentence for each pair of colours of a style that differs too little (AA), and one for unknown settings."""
    for pair in colors.faint(documents.merged(DEFAULTS, settings)):
        yield str(pair)
    unknown = list(documents.unknown(settings))
    if unknown:
        yield f"settings that mean nothing here: {', '.join(unknown[:_MOST_NAMED])}"


async def of_pool(house: House, pool_id: str) -> list[tuple[str, str]]:
    """Return (app client, sentence) of every remark on the styles of a pool."""
    rows = await brandings.of_pool(house.db, pool_id)
    return [
        (row.client_id, sentence)
        for row in rows
        if row.settings is not None
        for sentence in remarks(_decode(row.settings))
    ]
