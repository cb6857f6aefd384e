"""How does development go back to its seed? All rows go, what this process remembers too, and the seed is made anew."""

from starlette.responses import PlainTextResponse, Response

from poolkeeper.call import House
from poolkeeper.pages.headers import DATA
from poolkeeper.server.demo import furnish, require_readable
from poolkeeper.server.start import CannotStart
from poolkeeper.store import emptying

_ONE_PROCESS = "This server has several processes, and one cannot make the others forget: start it with --workers 1.\n"


async def reset(house: House) -> Response:
    """Answer 204 when everything is as a first start would have made it; the first key of root's and its like stay.

    A seed file with a fault is answered with 409: nothing is touched where it cannot be read, and later faults are
    answered too.
    """
    if house.settings.workers > 1:
        return PlainTextResponse(_ONE_PROCESS, status_code=409, headers=DATA)
    try:
        require_readable(house.settings)
        await house.db.write(emptying.empty)
        _forget(house)
        await furnish(house, first=True)
        await house.db.write(emptying.forget_keys)
    except CannotStart as fault:
        lines = "".join(f"{line}\n" for line in (f"{fault.what}:", *fault.remedy))
        return PlainTextResponse(lines, status_code=409, headers=DATA)
    finally:
        _forget(house)  # What was being answered meanwhile may have remembered what is gone.
    return Response(status_code=204, headers=DATA)


def _forget(house: House) -> None:
    for store in (house.memory, house.sign_ups, house.ghosts):
        store.clear()
