"""What does PostgreSQL's SQL text have to become for SQLite? A short closed list of replacements.

Anything that is not on the list is written so that both engines read it alike (attacks.md part 4; tools/lint_sql.py).
"""

import re

_REPLACEMENTS = (
    # `?n`, because Python binds a tuple to `$2, $1` in order of appearance, not of number.
    (r"\$(?=\d)", "?"),
    # SQLite compares text by its bytes unless told otherwise, which is what PostgreSQL calls "C".
    (r'\bCOLLATE\s+"C"', "COLLATE BINARY"),
    # `CAST(x AS bytea)` would give SQLite a number.
    (r"\bbytea\b", "blob"),
    # The one name of whole numbers that a STRICT table takes; 64 bits wide (sqlite.org/stricttables.html).
    (r"\b(?:bigint|smallint)\b", "integer"),
    # SQLite has no IF NOT EXISTS here: `is_done` knows its complaint.
    (r"\bADD\s+COLUMN\s+IF\s+NOT\s+EXISTS\b", "ADD COLUMN"),
    (r"\bINDEX\s+CONCURRENTLY\b", "INDEX"),
    # SQLite has one writer: nobody changes a row between a statement's look and its write.
    (r"\bFOR\s+(?:SHARE|UPDATE)\s+OF\s+\w+(?:\s*,\s*\w+)*", ""),
)
_QUOTED = r"""'(?:[^']|'')*'|"(?:[^"]|"")*\""""
_COMMENT = r"--[^\n]*"
_TOKEN = re.compile("|".join([*(f"({pattern})" for pattern, _ in _REPLACEMENTS), _QUOTED, _COMMENT]), re.IGNORECASE)
_COMMENT_OR_END = re.compile(rf"{_QUOTED}|({_COMMENT}\n?)|(;)")
_CREATE_TABLE = re.compile(r"\s*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)", re.IGNORECASE)
# Tables of many narrow rows, of less than 200 bytes: their rows stand in the tree of the primary key, and in no second one
# (sqlite.org/withoutrowid.html). A file that was made before keeps its two trees, and works as it did.
_IN_ONE_TREE = frozenset({"aliases", "memberships", "nonces", "user_attributes"})

# 42P07 table, 42701 column and 42710 object exist; 23505 is what two CREATE TABLE IF NOT EXISTS at once may end in.
_DONE_STATES = frozenset({"42P07", "42701", "42710", "23505"})
_DONE_WORDS = ("already exists", "duplicate column name")


def for_sqlite(sql: str) -> str:
    """Return one statement as SQLite reads it. Literals, quoted names and comments stay; tables become STRICT.

    A STRICT table refuses a value of the wrong type, as PostgreSQL does, and NULL in a primary key.
    """
    text = _TOKEN.sub(lambda match: _REPLACEMENTS[match.lastindex - 1][1] if match.lastindex else match[0], sql)
    table = _CREATE_TABLE.match(text)
    if table is None:
        return text
    return f"{text.rstrip().rstrip(';')} STRICT{', WITHOUT ROWID' if table[1] in _IN_ONE_TREE else ''}"


def statements(script: str) -> list[str]:
    """Split a script at its semicolons, outside of literals and comments, and leave the comments out."""
    parts = [""]
    position = 0
    for match in _COMMENT_OR_END.finditer(script):
        if match.lastindex is None:
            continue
        parts[-1] += script[position : match.start()]
        position = match.end()
        if match[2]:
            parts.append("")
    parts[-1] += script[position:]
    return [text.strip() for text in parts if text.strip()]


def is_done(fault: Exception) -> bool:
    """Say whether this complaint about a schema change means that the change is there already."""
    state = getattr(fault, "sqlstate", None)
    return state in _DONE_STATES or (state is None and any(words in str(fault) for words in _DONE_WORDS))


def is_missing_table(fault: Exception) -> bool:
    """Say whether a statement failed because its table is not there."""
    return getattr(fault, "sqlstate", None) == "42P01" or str(fault).startswith("no such table")
