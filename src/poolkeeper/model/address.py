"""At which addresses are a pool's pages and OAuth endpoints? Made of settings and of the pool's domains, never of a request."""

from poolkeeper.hosts import scheme_and_port
from poolkeeper.model.domain import CUSTOM, MEMBERS, PREFIX
from poolkeeper.model.pool import Pool
from poolkeeper.settings import Settings

_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin(settings: Settings, host: str, *, by_dev_tls: bool = False) -> str:
    """Return scheme, host and port under which a host of ours is reached: those of the public address.

    `by_dev_tls`: by the listener with the development certificate, which is a port of its own unless the public address is
    https already.
    """
    scheme, port = scheme_and_port(settings.issuer_base)
    if by_dev_tls and scheme == "http":
        scheme, port = "https", settings.dev_tls_port
    name = f"[{host}]" if ":" in host else host
    return f"{scheme}://{name}" + ("" if port in {None, _DEFAULT_PORTS[scheme]} else f":{port}")


def main_address(settings: Settings, pool: Pool) -> str | None:
    """Return the one address that is named where no request is at hand, without a slash at its end; None: there is none.

    It is the pool's custom domain, else its prefix host. Where the public address is localhost or a number no name below it
    resolves outside a browser: there the public address itself stands in place of the prefix host, also for a pool without
    a domain, as long as pages are served on it.
    """
    custom, prefix = (pool.document.get(MEMBERS[kind]) for kind in (CUSTOM, PREFIX))
    if custom:
        return origin(settings, custom)
    if settings.base_is_local and settings.serves_by_client:
        return origin(settings, settings.base_host)
    return origin(settings, prefix_host(settings, prefix)) if prefix else None


def every_address(settings: Settings, pool: Pool) -> tuple[str, ...]:
    """Return each form of a pool's address that a partner of it may know, without a slash at its end."""
    custom, prefix = (pool.document.get(MEMBERS[kind]) for kind in (CUSTOM, PREFIX))
    hosts = [custom, prefix_host(settings, prefix) if prefix else None]
    forms = [origin(settings, host) for host in hosts if host]
    main = main_address(settings, pool)
    return tuple(dict.fromkeys(forms if main is None else [main, *forms]))


def prefix_host(settings: Settings, prefix: str) -> str:
    """Return the host name of a prefix domain."""
    return f"{prefix}.{settings.domain_host}"


def can_be_reached(settings: Settings, name: str, kind: str) -> bool:
    """Say whether requests lead to a domain: the server's own host, and what is below it, are no customer's names."""
    if kind == PREFIX:
        return prefix_host(settings, name) != settings.base_host
    ours = {settings.base_host, settings.domain_host}
    return name not in ours and not name.endswith(f".{settings.domain_host}")
