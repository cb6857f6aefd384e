"""Where are the sealing keys? In a file of lines `id:key` that never enters the database: the first writes, all read."""

import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from poolkeeper import owners
from poolkeeper.crypto import base64url
from poolkeeper.entropy import Entropy

_ID_BYTES = 4
_KEY_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# What volumes of secrets are mounted with, whose owner is somebody else: 0440 (Kubernetes), 0444 (Docker).
_READ_BY_OTHERS = stat.S_IRGRP | stat.S_IROTH

Keys = Mapping[str, bytes]
_Mark = tuple[int, int, int]


class KeyRingError(Exception):
    """A ring of sealing keys that cannot be used. The message names the file, what is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The sealing keys as they stood in the file: 32 bytes each by an id of 8 hex digits, in the file's order."""

    path: Path
    keys: Keys = field(repr=False)
    mark: _Mark = field(repr=False, compare=False)

    @property
    def writing_key_id(self) -> str:
        return next(iter(self.keys))

    @property
    def written_at(self) -> int:
        """Return the millisecond at which the newest key came into the file."""
        return self.mark[1] // 1_000_000

    @classmethod
    def load(cls, path: Path) -> "KeyRing":
        """Read the ring.

        Raises KeyRingError where others can use a file of ours, or change anybody's, or a line is wrong;
        FileNotFoundError where there is none.
        """
        with path.open(encoding="ascii", errors="replace") as file:
            about = os.fstat(file.fileno())
            allowed = 0 if about.st_uid == os.geteuid() else _READ_BY_OTHERS
            if about.st_mode & _OTHERS & ~allowed:
                mode = stat.S_IMODE(about.st_mode)
                raise KeyRingError(f"{path}: others can use the sealing keys (mode {mode:o}); say chmod 600 {path}")
            return cls(path, _parse(path, file.read()), _mark(about))

    @classmethod
    def create(cls, path: Path, entropy: Entropy) -> "KeyRing":
        """Make a ring of one new key; of several processes that try at once, one succeeds.

        Raises FileExistsError where there is a file already: it is never overwritten.
        """
        draft = path.with_name(f"{path.name}.{entropy.bytes(8).hex()}")
        _write_new(draft, _with_new_key({}, entropy))
        try:
            # A link fails where the name is taken, and nobody ever sees half a ring under it.
            path.hardlink_to(draft)
        finally:
            draft.unlink()
        _sync_folder(path)
        return cls.load(path)

    def reloaded(self) -> "KeyRing":
        """Return the ring as the file has it now; this very ring where the file did not change.

        Raises as `load` does.
        """
        return self if _mark(self.path.stat()) == self.mark else KeyRing.load(self.path)

    def add(self, entropy: Entropy) -> "KeyRing":
        """Put a new key before the others, so that it writes from now on, and return the ring that is then in the file.

        Raises KeyRingError where another process is changing the file, or its owner could not stay its owner.
        """
        return self._rewrite(lambda keys: _with_new_key(keys, entropy))

    def retire(self, key_id: str) -> Path:
        """Take a key out: what is still sealed under it cannot be opened any more. Return where a copy of it is kept.

        Raises KeyRingError for the key that writes, an id that is not there, or as `add` does.
        """
        before = KeyRing.load(self.path)
        rest = _without_key(self.path, before.keys, key_id)
        copy = self.path.with_name(f"{self.path.name}.retired-{key_id}")
        copy.unlink(missing_ok=True)
        _write_new(copy, {key_id: before.keys[key_id]}, like=self.path)
        self._rewrite(lambda _: rest)
        # Its time is that of the newest key, and no key came.
        os.utime(self.path, ns=(before.mark[1], before.mark[1]))
        return copy

    def _rewrite(self, change: Callable[[Keys], Keys]) -> "KeyRing":
        draft = self.path.with_name(f"{self.path.name}.new")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise KeyRingError(
                f"{draft}: another process is changing the sealing keys; if none is, remove this file"
            ) from None
        try:
            _write(descriptor, change(KeyRing.load(self.path).keys), like=self.path)
            draft.replace(self.path)
        except BaseException:
            draft.unlink(missing_ok=True)
            raise
        _sync_folder(self.path)
        return KeyRing.load(self.path)


def _parse(path: Path, text: str) -> Keys:
    keys: dict[str, bytes] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        key_id, _, encoded = line.strip().partition(":")
        key = _decoded(encoded)
        if len(key_id) != 2 * _ID_BYTES or key_id.strip("0123456789abcdef") or key is None:
            raise KeyRingError(
                f"{path}, line {number}: not an id of 8 hex digits, a colon and a key of 32 bytes in base64url"
            )
        if key_id in keys:
            raise KeyRingError(f"{path}, line {number}: a second key with the id {key_id}")
        keys[key_id] = key
    if not keys:
        raise KeyRingError(f"{path}: there is no sealing key in it")
    return MappingProxyType(keys)


def _decoded(encoded: str) -> bytes | None:
    try:
        key = base64url.decode(encoded)
    except ValueError:
        return None
    return key if len(key) == _KEY_BYTES else None


def _with_new_key(keys: Keys, entropy: Entropy) -> Keys:
    key_id = entropy.bytes(_ID_BYTES).hex()
    while key_id in keys:
        key_id = entropy.bytes(_ID_BYTES).hex()
    return {key_id: entropy.bytes(_KEY_BYTES), **keys}


def _without_key(path: Path, keys: Keys, key_id: str) -> Keys:
    if key_id not in keys:
        raise KeyRingError(f"{path}: there is no sealing key {key_id}")
    if key_id == next(iter(keys)):
        raise KeyRingError(f"{path}: {key_id} is the key that writes; add another before it goes")
    return {name: key for name, key in keys.items() if name != key_id}


def _write_new(path: Path, keys: Keys, *, like: Path | None = None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        if like is None:
            owners.adopt(descriptor, path.parent)
        _write(descriptor, keys, like=like)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _write(descriptor: int, keys: Keys, *, like: Path | None) -> None:
    """Write a whole ring and have it on the disk before anything is sealed under it, with the owner of another file.

    Raises KeyRingError where this user may not make it theirs: a server that runs as the owner could not read it.
    """
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        if like is not None:
            try:
                owners.keep(descriptor, like.stat())
            except PermissionError:
                raise KeyRingError(f"{like} is another user's: run this as that user, or as root") from None
        file.writelines(f"{key_id}:{base64url.encode(key)}\n" for key_id, key in keys.items())
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _mark(about: os.stat_result) -> _Mark:
    return about.st_ino, about.st_mtime_ns, about.st_size
