"""How does an operator hear of what happened? Facts, told once they stand: a line of the log each.

An event is recorded after the commit of what it tells of, and cannot fail the request (docs/events.md lists them all).
"""

from poolkeeper.call import Call
from poolkeeper.model.event import Event, Kind


def record(call: Call, kind: Kind, *, pool_id: str, user_id: str = "", **about: str) -> None:
    """Keep that something happened; it goes out with the line of the request, whatever that is answered."""
    event = Event(kind=kind, pool_id=pool_id, user_id=user_id, about=about)
    if event not in call.trace.events:
        call.trace.events.append(event)
