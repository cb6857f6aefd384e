"""Does a message become a file that is whole, once, and for its owner's eyes? A folder of the test's own."""

import asyncio
import email
import email.policy
import json
import os
from pathlib import Path

import msgspec
import pytest

from messaging.postbox import MESSAGE, FixedClock
from poolkeeper.messaging.senders import DeliveryFailed
from poolkeeper.messaging.senders.file import FileSender
from poolkeeper.model.message import Message

TEXT = msgspec.structs.replace(MESSAGE, medium="SMS", to="+15550100123", subject="", body="Your code is 590318.")


def send(folder: Path, message: Message, message_id: str = "0b5c-1") -> None:
    sender = FileSender(folder, FixedClock(), mail_from="no-reply@poolkeeper.example")
    asyncio.run(sender.send(message, message_id=message_id))


def test_a_mail_becomes_a_file_that_mail_programs_read(tmp_path: Path) -> None:
    """Head and body as they would go over the wire, readable by the owner alone."""
    send(tmp_path, msgspec.structs.replace(MESSAGE, reply_to="help@poolkeeper.example"))

    (file,) = tmp_path.iterdir()
    mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert file.name == "0b5c-1.eml"
    assert file.stat().st_mode & 0o777 == 0o600
    assert mail["To"] == MESSAGE.to
    assert mail["Reply-To"] == "help@poolkeeper.example"


def test_a_text_message_becomes_json(tmp_path: Path) -> None:
    """A line with what is to be sent."""
    send(tmp_path, TEXT)
    told = json.loads((tmp_path / "0b5c-1.json").read_text())
    assert (told["to"], told["text"], told["kind"]) == ("+15550100123", "Your code is 590318.", "ForgotPassword")


def test_a_second_delivery_writes_the_same_file(tmp_path: Path) -> None:
    """So nobody sends it twice."""
    send(tmp_path, MESSAGE)
    send(tmp_path, MESSAGE)
    assert [one.name for one in tmp_path.iterdir()] == ["0b5c-1.eml"]


def test_a_folder_that_is_not_there_keeps_the_message_waiting(tmp_path: Path) -> None:
    """It is not made: a disk that is not mounted yet would hide what was written below."""
    with pytest.raises(DeliveryFailed) as caught:
        send(tmp_path / "none", MESSAGE)
    assert not caught.value.permanent
    assert not (tmp_path / "none").exists()


def test_nobody_reads_along_who_made_the_half_before(tmp_path: Path) -> None:
    """Whoever may write into the folder, and knows an id from the log, had kept a file open that the message was written into."""
    half = tmp_path / f".0b5c-1.eml.{os.getpid()}"
    half.touch()
    half.chmod(0o666)
    with half.open("rb") as theirs:
        send(tmp_path, MESSAGE)
        assert theirs.read() == b""
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_what_lies_in_the_folder_leads_nowhere_else(tmp_path: Path) -> None:
    """A link in the place of the file is replaced, not followed; an id is a name and no path."""
    outside, spool = tmp_path / "outside", tmp_path / "spool"
    outside.write_text("mine")
    spool.mkdir()
    (spool / "0b5c-1.eml").symlink_to(outside)
    send(spool, MESSAGE)
    assert outside.read_text() == "mine"
    assert not (spool / "0b5c-1.eml").is_symlink()
    with pytest.raises(DeliveryFailed):
        send(spool, MESSAGE, message_id="../outside")


def test_the_doctor_writes_a_file_and_takes_it_away(tmp_path: Path) -> None:
    """Nothing is left; a folder that is not there is a fault."""
    sender = FileSender(tmp_path, FixedClock(), mail_from="no-reply@poolkeeper.example")
    assert asyncio.run(sender.check()) == f"{tmp_path} can be written to"
    assert list(tmp_path.iterdir()) == []
    gone = FileSender(tmp_path / "none", FixedClock(), mail_from="no-reply@poolkeeper.example")
    with pytest.raises(DeliveryFailed):
        asyncio.run(gone.check())
