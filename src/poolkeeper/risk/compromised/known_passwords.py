"""Is a password known from breaches? The built-in list, the operator's file, and the service of ranges, nearest first."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable

from poolkeeper.egress import Egress
from poolkeeper.model.finding import Finding
from poolkeeper.risk.compromised.listed import is_listed
from poolkeeper.risk.compromised.prefix_file import WIDTH, PrefixFile, UnusableFile, WatchedFile
from poolkeeper.risk.compromised.ranges import Ranges
from poolkeeper.settings import Settings, SettingsError

Keep = Callable[[Finding], Awaitable[None]]
# Nobody waits for what is asked behind an answer; what finds no place is asked at the next sign-in.
_BEHIND_SECONDS = 5.0
_MOST_BEHIND = 64

_log = logging.getLogger("poolkeeper.compromised")


class KnownPasswords:
    """What a process knows, or can ask. `file` and `ranges` are None where the settings name none."""

    def __init__(self, settings: Settings, egress: Egress) -> None:
        named, url = settings.compromised_passwords_file, settings.compromised_passwords_url
        self.file = None if named is None else WatchedFile(named)
        self.ranges = Ranges(url, egress) if url else None
        self._behind: dict[str, asyncio.Task[None]] = {}

    def look(self, password: str) -> Finding:
        """Return what list and file know of a password: file access, for a thread that may wait for the disk."""
        if is_listed(password):
            return Finding.COMPROMISED
        if self.file is None:
            return Finding.CLEAN
        held = self.file.has(bytes.fromhex(digest_of(password))[:WIDTH])
        if held is None:
            return Finding.UNCHECKED
        return Finding.COMPROMISED if held else Finding.CLEAN

    def ask_behind(self, key: str, password: str, keep: Keep) -> None:
        """Ask the service once the answer is on its way, and hand what it says to `keep`; under one `key` once at a time.

        The hash is in memory alone, so it is in no row, log or backup: what is under way when the server ends is asked again.
        """
        if self.ranges is None or key in self._behind or len(self._behind) >= _MOST_BEHIND:
            return
        task = asyncio.get_running_loop().create_task(self._ask(self.ranges, digest_of(password), keep))
        self._behind[key] = task
        task.add_done_callback(lambda _: self._behind.pop(key, None))

    async def close(self) -> None:
        """End what is asked behind the answers."""
        tasks = list(self._behind.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _ask(self, ranges: Ranges, digest: str, keep: Keep) -> None:
        try:
            await keep(await ranges.ask(digest, seconds=_BEHIND_SECONDS))
        except Exception:  # noqa: BLE001 - nobody waits for it, and the next sign-in asks again
            _log.warning("what the service of known passwords said was not kept", exc_info=True)


def require_usable(settings: Settings) -> None:
    """Raise SettingsError where the operator names a file that cannot be used: nobody would miss it until it is too late."""
    path = settings.compromised_passwords_file
    try:
        if path is not None:
            PrefixFile(path)
    except (OSError, UnusableFile) as fault:
        why = fault.strerror if isinstance(fault, OSError) else fault
        raise SettingsError(
            f"compromised_passwords_file: {path} cannot be used: {why} (poolkeeper passwords build makes one)"
        ) from None


def digest_of(password: str) -> str:
    """Return a password's SHA-1 hash, by which lists of breached passwords name it: never for a log, or a row in clear."""
    return hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
