"""Has every refusal of many reasons a word that tells them apart? The source is read, and the table."""

import ast
import re
from collections import Counter, defaultdict
from pathlib import Path

import poolkeeper
from poolkeeper.errors import NotAuthorizedException
from poolkeeper.errors.refusals import Reason, refused

SOURCE = Path(poolkeeper.__file__).parent
TABLE = SOURCE / "errors/refusals.py"
# Names that two operations' conditions share, each with a sentence that says what is wrong by itself.
SHARED = {
    "CodeMismatchException",
    "ExpiredCodeException",
    "NotAuthorizedException",
    "PasswordResetRequiredException",
    "UserNotConfirmedException",
}


def made() -> list[tuple[str, str, str]]:
    """Return (place, error, sentence) of every error that the source makes with a literal sentence or with none."""
    found = []
    for file in SOURCE.rglob("*.py"):
        if file == TABLE or "generated" in file.parts or file.name == "generated.py":
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.endswith("Exception"):
                first = node.args[0] if node.args else None
                sentence = first.value if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
                found.append((f"{file.relative_to(SOURCE)}:{node.lineno}", node.func.id, sentence))
    return found


def test_an_error_of_many_reasons_comes_from_the_table() -> None:
    """Nobody makes one of their own, which would be mute in the log."""
    assert [(place, error) for place, error, _ in made() if error in SHARED] == []


def test_no_two_reasons_share_a_word() -> None:
    """A word in the log names one reason; it is a word that a search finds."""
    words = [reason.word for reason in Reason]
    assert [word for word, times in Counter(words).items() if times > 1] == []
    assert [word for word in words if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", word)] == []


def test_no_word_begins_another() -> None:
    """docs/refusals.md has an operator search for `"detail":"word`, which must find that reason alone."""
    words = [reason.word for reason in Reason]
    assert [(word, longer) for word in words for longer in words if word != longer and longer.startswith(word)] == []


def test_every_reason_is_given_somewhere() -> None:
    """What nobody raises any more leaves the table."""
    source = "".join(file.read_text() for file in SOURCE.rglob("*.py") if file != TABLE)
    assert [reason.name for reason in Reason if not re.search(rf"Reason\.{reason.name}\b", source)] == []


def test_a_sentence_of_the_table_is_nobody_elses() -> None:
    """An error with such a sentence that is made elsewhere would have no reason."""
    by_error: dict[str, set[str]] = defaultdict(set)
    for reason in Reason:
        by_error[reason.error.__name__].add(reason.sentence)
    assert [(place, sentence) for place, error, sentence in made() if sentence in by_error[error]] == []


def test_a_refusal_says_the_sentence_to_the_caller_and_the_reason_to_the_log() -> None:
    """With what the reason alone does not tell behind it."""
    fault = refused(Reason.CLIENT_SECRET, "tried twice", client_id="web")
    assert (fault.message, fault.detail) == ("Unable to verify secret for client web", "client-secret: tried twice")
    assert refused(Reason.LOCKED).detail == "locked"


def test_a_refusal_keeps_its_reason_and_other_errors_have_none() -> None:
    """Whoever catches it asks by the reason, which many sentences share."""
    assert refused(Reason.PASSWORD_TOO_LONG, "of 300 characters").reason is Reason.PASSWORD_TOO_LONG
    assert NotAuthorizedException(Reason.LOCKED.sentence, detail=Reason.LOCKED.word).reason is None
