"""Where do a customer's sheet and pictures come from? Our own origin, at addresses that name their content.

`/_brand/<pool id>/<managed or classic>/<style id, app client or ALL>/<digest>.<ending>`: public, as the pages are that show them.
"""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from poolkeeper.branding.looks import type_of_file
from poolkeeper.branding.styles import CLASSIC, MANAGED, PREFIX, look_at
from poolkeeper.call import House
from poolkeeper.lookup import find_pool
from poolkeeper.model.client import CLIENT_ID
from poolkeeper.model.pool import POOL_ID, Pool
from poolkeeper.pages.headers import ASSET, DATA
from poolkeeper.store import brandings

_LONGEST_KEY = 128
# A drawing that is opened by itself is a document of an opaque origin, in which nothing runs (attacks.md 87).
_FILE: Mapping[str, str] = {
    **ASSET,
    "content-security-policy": "sandbox; default-src 'none'",
    "x-frame-options": "DENY",
}
_NOT_KEPT: Mapping[str, str] = {**_FILE, "cache-control": "no-store"}


def brand_routes(house: House) -> list[Route]:
    """Return the routes of the files of all looks, and of the picture that a browser asks for by itself."""

    async def serve(request: Request) -> Response:
        parameters = request.path_params
        type_ = type_of_file(parameters["file"])
        pool = None
        if (
            type_ is not None
            and POOL_ID.fullmatch(parameters["pool_id"])
            and _may_be_key(parameters["kind"], parameters["key"])
        ):
            pool = await find_pool(house, parameters["pool_id"])
        if pool is None or type_ is None:
            return _nothing()
        return await _answer(house, pool, parameters["kind"], parameters["key"], parameters["file"], type_)

    return [
        Route(f"{PREFIX}/{{pool_id}}/{{kind}}/{{key}}/{{file}}", serve, methods=["GET"]),
        Route("/favicon.ico", _no_picture),
    ]


async def _no_picture(_request: Request) -> Response:
    """Say that there is none: a browser asks by itself, and would note a 404 on the console of every page."""
    return Response(status_code=204, headers={"cache-control": "public, max-age=3600"})


async def _answer(house: House, pool: Pool, kind: str, key: str, file: str, type_: str) -> Response:
    look = await look_at(house, pool, kind, key)
    if type_ == "text/css" and look.sheet:
        # A page from before a change asks for a former sheet: it gets the present one, which no browser keeps under that name.
        return Response(look.sheet, media_type=type_, headers=_FILE if file == look.sheet_file else _NOT_KEPT)
    content = look.files.get(file)
    if content is None and type_ != "text/css":
        digest = file.partition(".")[0]
        if kind == MANAGED:
            content = await brandings.served_content(house.db, pool_id=pool.pool_id, branding_id=key, digest=digest)
        else:
            content = await brandings.logo(house.db, pool_id=pool.pool_id, client_id=key, digest=digest)
    return _nothing() if content is None else Response(content, media_type=type_, headers=_FILE)


def _may_be_key(kind: str, key: str) -> bool:
    """Say whether a text may be the key of a style: no database takes NUL."""
    if len(key) > _LONGEST_KEY:
        return False
    if kind == MANAGED:
        return key.isascii() and key.replace("-", "").isalnum()
    return kind == CLASSIC and CLIENT_ID.fullmatch(key) is not None


def _nothing() -> Response:
    return PlainTextResponse("There is no such file.\n", status_code=404, headers=DATA)
