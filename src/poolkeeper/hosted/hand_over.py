"""How does a browser bring a provider what no redirect can hold? In a form on a page of ours, which it sends on by itself.

What the page looks like is the pages' matter (pages/managed_login/hand_over.py); here is what it must bring where.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import Response

from poolkeeper.hosted.places import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What a browser brings to the provider `name`: `fields`, by a form, to `address`.

    The address is one of the provider's metadata, judged when they were kept, and never a request's.
    """

    name: str
    address: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


HandOver = Callable[[Place, Parcel], Response]
"""Return the page that has the browser bring a parcel."""
