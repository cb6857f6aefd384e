"""What is judged of a request that breaks a limit of its model? It is refused in any case; here its size comes to an end.

A caller whom no policy allows the call is not told what else is wrong with it, so policies are asked first, of as much as this.
"""

from itertools import islice
from typing import Any

from poolkeeper.aws.shape import Shape

MOST_MEMBERS = 50
# One more than an ARN may have, so that one that is too long still is.
MOST_CHARACTERS = 2_049


def trimmed(value: Any) -> Any:
    """Return a request, or a value in one, with the beginnings of its texts, lists and maps."""
    if isinstance(value, Shape):
        return type(value)(**{name: trimmed(getattr(value, name)) for name in value.__struct_fields__})
    if isinstance(value, str):
        return value[:MOST_CHARACTERS]
    if isinstance(value, list):
        return [trimmed(member) for member in value[:MOST_MEMBERS]]
    if isinstance(value, dict):
        return {trimmed(key): trimmed(member) for key, member in islice(value.items(), MOST_MEMBERS)}
    return value
