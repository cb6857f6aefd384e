"""What does a setting come to that is left empty, 0 or auto? The defaults that are computed from the others."""

import os
from collections.abc import Callable, Mapping

from poolkeeper.settings.fields import Settings


def computed(settings: Settings, name: str) -> str:
    """Return what stands in for the value of a setting, empty where the value is what counts."""
    value = getattr(settings, name)
    if name not in _COMPUTED or value not in {"", 0, "auto", None}:
        return ""
    return _COMPUTED[name](settings)


def _heavy_threads(settings: Settings) -> str:
    return str(max(1, (os.cpu_count() or 1) // settings.workers))


def _in_data(file: str) -> Callable[[Settings], str]:
    """Return what names a file of the data folder that counts where it is there."""

    def path_if_there(settings: Settings) -> str:
        path = settings.data / file
        return str(path) if path.is_file() else ""

    return path_if_there


def _on_off(*, on: bool) -> str:
    return "on" if on else "off"


_COMPUTED: Mapping[str, Callable[[Settings], str]] = {
    "tls_port": lambda settings: str(settings.dev_tls_port) if settings.dev_tls_port else "",
    "database": lambda settings: str(settings.sqlite_file),
    "base_url": lambda settings: settings.issuer_base,
    "domain_base": lambda settings: settings.domain_host,
    "domain_paths": lambda settings: _on_off(on=settings.serves_paths),
    "domain_by_client": lambda settings: _on_off(on=settings.serves_by_client),
    "config": _in_data("poolkeeper.toml"),
    "seed": _in_data("poolkeeper.seed.toml"),
    "sealing_key_file": lambda settings: str(settings.sealing_keys),
    "identity_issuer": lambda settings: settings.issuer_base,
    "heavy_threads": _heavy_threads,
}
