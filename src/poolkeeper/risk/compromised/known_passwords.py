"""Is a password known from breaches? The built-in list knows, the operator's file, or the service of ranges, in that order."""

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
# Nobody waits for a question after the answer; a question beyond the limit is asked at the next sign-in.
_BEHIND_SECONDS = 5.0
_MOST_BEHIND = 64

_log = logging.getLogger("poolkeeper.compromised")


class KnownPasswords:
    """The sources of known passwords. `file` and `ranges` are None where the settings name none."""

    def __init__(self, settings: Settings, egress: Egress) -> None:
        path, url = settings.compromised_passwords_file, settings.compromised_passwords_url
        self.file = None if path is None else WatchedFile(path)
        self.ranges = Ranges(url, egress) if url else None
        self._behind: dict[str, asyncio.Task[None]] = {}

    def look(self, password: str) -> Finding:
        """Return what the list and the file know of a password. Call this in a thread: it may wait for the disk."""
        if is_listed(password):
            return Finding.COMPROMISED
        if self.file is None:
            return Finding.CLEAN
        is_known = self.file.has(bytes.fromhex(digest_of(password))[:WIDTH])
        if is_known is None:
            return Finding.UNCHECKED
        return Finding.COMPROMISED if is_known else Finding.CLEAN

    def ask_behind(self, key: str, password: str, keep: Keep) -> None:
        """Ask the service after the answer, and pass its finding to `keep`; each `key` has one question at a time.

        The hash is only in memory, never in a row, log or backup: a question that the server's end cuts off is asked again.
        """
        if self.ranges is None or key in self._behind or len(self._behind) >= _MOST_BEHIND:
            return
        task = asyncio.get_running_loop().create_task(self._ask(self.ranges, digest_of(password), keep))
        self._behind[key] = task
        task.add_done_callback(lambda _: self._behind.pop(key, None))

    async def close(self) -> None:
        """Cancel the questions that are under way."""
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
    """Raise SettingsError where the operator's file cannot be used: else nobody would notice until it is too late."""
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
    """Return a password's SHA-1 hash, its name in lists of breached passwords. Never log it or store it in clear."""
    return hashlib.sha1(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest().upper()
