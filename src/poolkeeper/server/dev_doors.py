"""Who may use what development mode opens? Whoever talks to this machine by its own names; no page of another site."""

from poolkeeper.access_keys import TEST_KEY_ID
from poolkeeper.aws.signed_request import Request
from poolkeeper.call import Caller
from poolkeeper.errors import UnrecognizedClientException
from poolkeeper.own_machine import OwnNames, foreign_host, foreign_origin
from poolkeeper.rights.tokens import INVALID
from poolkeeper.settings import Settings


def own_names(settings: Settings) -> OwnNames:
    """Return the names under which development is talked to; beyond loopback any address of the machine is one."""
    hosts = frozenset(host.lower() for host in settings.dev_hosts)
    return OwnNames(hosts=hosts, any_address=not settings.on_loopback)


class DevelopmentKey:
    """Says of a request whether the key that everybody knows signs it: another site's page knows it too (attacks.md 157)."""

    def __init__(self, settings: Settings) -> None:
        self._known = settings.has_test_key
        self._names = own_names(settings)

    def __call__(self, request: Request, caller: Caller) -> None:
        """Raise UnrecognizedClientException where that key signed what came under another name, or from another's page."""
        if not self._known or caller.access_key_id != TEST_KEY_ID or not caller.principal.root:
            return
        if (host := foreign_host(request.headers, self._names)) is not None:
            raise UnrecognizedClientException(
                INVALID, detail=f"the key test is not for Host {host[:64]}: see dev_hosts"
            )
        if (origin := foreign_origin(request.headers, self._names)) is not None:
            raise UnrecognizedClientException(INVALID, detail=f"the key test is not for pages of {origin[:64]}")
