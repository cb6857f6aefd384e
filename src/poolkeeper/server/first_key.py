"""Where does the first access key lie outside of development? In a file of the data folder, for its owner alone."""

import os
from pathlib import Path

from poolkeeper import owners
from poolkeeper.call import AccessKey
from poolkeeper.settings import Settings


def file_of(settings: Settings) -> Path:
    """Return where the file is, or would be."""
    return settings.data / "first-key"


def write(settings: Settings, key: AccessKey) -> None:
    """Write the file, in the place of one that is there.

    Raises OSError.
    """
    file = file_of(settings)
    owners.make_folder(file.parent)
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        owners.adopt(descriptor, file.parent)
        stream.write(f"export AWS_ACCESS_KEY_ID={key.access_key_id}\n")
        stream.write(f"export AWS_SECRET_ACCESS_KEY={key.secret.reveal()}\n")
        stream.flush()
        os.fsync(descriptor)


def forget(settings: Settings, access_key_id: str) -> bool:
    """Remove the file, if it is of this key; say whether it was."""
    file = file_of(settings)
    try:
        if f"AWS_ACCESS_KEY_ID={access_key_id}\n" not in file.read_text(encoding="ascii"):
            return False
        file.unlink()
    except FileNotFoundError:
        return False
    return True
