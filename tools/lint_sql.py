"""Is all SQL in the one dialect that every engine reads? The linter over src/poolkeeper's SQL texts and migrations.

`python tools/lint_sql.py [FOLDER]` prints `file:line: reason` for each finding and ends with 1 if there is one. The rules
are attacks.md part 4; the folder is that of the package, src/poolkeeper unless named.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from poolkeeper.store.tables import TABLES

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "poolkeeper"

# Tables that are not a pool's, with the column that spreads them (rule 1).
SERVER_TABLES = {table.name: table.key[0] for table in TABLES if table.owner == "server"}
POOL_KEYS = ("pool_id", "identity_pool_id")

# Statements of the drivers' own: each speaks to one engine.
_DRIVERS = (
    "sqlite.py",
    "sqlite_connection.py",
    "sqlite_copy.py",
    "sqlite_wal.py",
    "postgres.py",
    "postgres_connections.py",
)
# Runs texts that it reads from the migrations, which are looked at here themselves.
_RUNNERS = ("migrate.py",)

_METHODS = frozenset({"fetch", "fetch_one", "execute", "fetch_each"})
_LOOKS_LIKE_SQL = re.compile(
    r"\s*(?:SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+\w+\s+AS\s*\("
    r"|(?:CREATE|ALTER|DROP)\s+(?:\w+\s+)?(?:TABLE|INDEX|VIEW|TRIGGER|SEQUENCE)\s)",
    re.IGNORECASE | re.DOTALL,
)

_BEGINS_SQL = re.compile(r"""f['"]+\s*(?:\\n\s*)?(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH)\b""")
_ONE_TEXT = "SQL is one literal text: not put together, not handed in"

_KEYWORDS = (
    r"select|insert|into|update|set|delete|from|where|and|or|not|null|is|in|exists|values|on|conflict|do|nothing|returning"
    r"|order|by|group|having|limit|join|left|inner|as|case|when|then|else|end|create|table|index|primary|if|collate|alter"
    r"|column|union|distinct|between|cast|asc|desc|with"
)
_CLOCKS = (
    r"\b(?:NOW|DATETIME|STRFTIME|JULIANDAY|UNIXEPOCH|EXTRACT|DATE_TRUNC|AGE|\w+_TIMESTAMP)\s*\("
    r"|\b(?:CURRENT|LOCAL)_?(?:TIMESTAMP|DATE|TIME)\b|\bINTERVAL\b"
)
_SEQUENCES = (
    r"\b(?:SMALL|BIG)?SERIAL\b|\bGENERATED\b|\bAUTOINCREMENT\b|\bSEQUENCE\b|\b(?:NEXT|CURR|SET)VAL\b|\bIDENTITY\b"
)
_OTHERS = (
    r"(?:UUID|BOOLEAN|BOOL|VARCHAR|CHAR|CHARACTER|TIMESTAMP|TIMESTAMPTZ|NUMERIC|DECIMAL|REAL|FLOAT\d?|DOUBLE|BLOB|CLOB|INT"
    r"|INT[248])\b"
)
# Rows that are held are named, for SQLite to leave the words out (store/dialect.py).
_OF_NAMED = r"\s+OF\s+\w+(?:\s*,\s*\w+)*"
_OTHER_TYPES = rf"(?:[(,]|\bEXISTS)\s*\w+\s+{_OTHERS}|\bAS\s+{_OTHERS}"

# (what must not occur, why): looked for in every statement, its literals and comments blanked.
_FORBIDDEN = (
    (r"\?", "placeholders are $1, $2"),
    (r"\b(?:SELECT|RETURNING)\s+\*|\b\w+\.\*", "columns are named, `*` changes with the table"),
    (r"\b(?:LOWER|UPPER|INITCAP)\s*\(", "names are folded in Python: each engine has its own idea of case"),
    (r"\b(?:I?LIKE|GLOB|REGEXP|SIMILAR)\b|~", "a search is `=` or a range of a folded column (rule 7)"),
    (r"\b(?:NOCASE|RTRIM|CITEXT|UNICODE)\b", 'text is compared by its bytes, COLLATE "C"'),
    (r"\bCOLLATE\s+(?!\"C\")\S+", 'text is compared by its bytes, COLLATE "C"'),
    (_CLOCKS, "time comes from the caller, in milliseconds"),
    (r"\b(?:RANDOM|RANDOMBLOB|SETSEED|GEN_RANDOM_\w+|UUIDV\d|UUID_\w+)\s*\(", "ids and chance come from the caller"),
    (r"\bOFFSET\b", "pages are found by key (WHERE key > $1)"),
    (r"\bCOUNT\s*\((?=.*\b(?:users|aliases|user_attr)\b)", "users are counted in tallies, never by COUNT"),
    (r"\b(?:SAVEPOINT|RELEASE|BEGIN|COMMIT|ROLLBACK|START|TRANSACTION)\b", "the driver owns transactions"),
    (
        rf"\bFOR\s+NO\s+KEY\s+UPDATE\b|\bFOR\s+(?:UPDATE|SHARE)\b(?!{_OF_NAMED}\s*$)|\bSKIP\s+LOCKED\b|\bNOWAIT\b|\bLOCK\s+TABLE\b",
        "compare and set",
    ),
    (r"\(\s*(?:INSERT|UPDATE|DELETE)\b", "SQLite has no changes within WITH"),
    (r"->|#>|@>|<@|\bJSONB?\w*\b", "JSON is read in Python"),
    (r"::", "CAST(x AS type) is both engines'"),
    (r"\[|\]|\bARRAY\b|\bUNNEST\b|\b(?:ANY|SOME)\s*\(", "SQLite has no arrays"),
    (r"\b(?:TRUE|FALSE)\b", "booleans are smallint, 0 and 1"),
    (r"\$\d+\s+IS\s+(?:NOT\s+)?NULL\b", "PostgreSQL needs CAST($1 AS type) to know what may be null"),
    (_SEQUENCES, "ids are random and come from the caller"),
    (r"\bREFERENCES\b|\bFOREIGN\s+KEY\b", "no foreign keys: a shard knows nothing of another"),
    (r"\b(?:TRIGGER|VIEW|EXTENSION|ENUM|DOMAIN|FUNCTION|PROCEDURE)\b", "tables and indexes, nothing else"),
    (r"\bTEMP(?:ORARY)?\b|\bTRUNCATE\b", "not in every engine"),
    (r"\b(?:LISTEN|NOTIFY|UNLISTEN)\b|\bPG_\w+|\bSQLITE_\w+|\bINFORMATION_SCHEMA\b|\bPRAGMA\b", "one engine's own"),
    (r"\bUNIQUE\b", "what is unique is the primary key of a table of its own (rule 2)"),
    (r"\b(?:GREATEST|LEAST|IIF|IFNULL|NVL|INSTR|STRPOS|GROUP_CONCAT|STRING_AGG|TO_CHAR)\s*\(", "not in both engines"),
    (r"\bINSERT\s+OR\b|\bREPLACE\s+INTO\b|\bROWID\b|\bCTID\b|\bDISTINCT\s+ON\b", "not in both engines"),
    (r"\bDELETE\s+FROM\s+\S+\s+USING\b|\bTABLESAMPLE\b|\bLATERAL\b", "not in both engines"),
    (_OTHER_TYPES, "the types are text, bigint, smallint, integer (in CAST) and bytea"),
)
_RULES = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), reason) for pattern, reason in _FORBIDDEN)
_LOWER_CASE = re.compile(rf"(?<![\w.])(?!(?-i:[A-Z]+\b))(?:{_KEYWORDS})\b", re.IGNORECASE)

_LITERAL_OR_COMMENT = re.compile(r"'(?:[^']|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
_CREATE_TABLE = re.compile(
    r"\s*CREATE\s+TABLE\s+(IF\s+NOT\s+EXISTS\s+)?(\w+)\s*\((.*)\)\s*\Z", re.IGNORECASE | re.DOTALL
)
_CREATE_INDEX = re.compile(
    r"\s*CREATE\s+INDEX\s+(?:CONCURRENTLY\s+)?(IF\s+NOT\s+EXISTS\s+)?\w+\s+ON\s+(\w+)\s*\((.*?)\)(.*)\Z",
    re.IGNORECASE | re.DOTALL,
)
_PRIMARY_KEY = re.compile(r"\bPRIMARY\s+KEY\s*\(([^)]*)\)", re.IGNORECASE)
_COLUMN = re.compile(r'(?:\A|,)\s*(\w+)\s+text\b(?!\s+COLLATE\s+"C")', re.IGNORECASE)
_TABLES_NAMED = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE)\s+(\w+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: where, and why."""

    file: Path
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


def lint(package: Path) -> list[Finding]:
    """Look at every Python file and every migration below the package's folder."""
    store = package / "store"
    found: list[Finding] = []
    for file in sorted(package.rglob("*.py")):
        if file.parent == store:
            if file.name not in _DRIVERS:
                found += dict.fromkeys(_in_store(file))
        elif "generated" not in file.parts:
            found += _outside(file)

    bytewise_missing: dict[str, frozenset[str]] = {}
    for file in sorted((store / "migrations").glob("*.sql")):
        for line, statement in _split(_blanked(file.read_text(encoding="utf-8"))):
            found += [Finding(file, line + offset, reason) for offset, reason in check(statement, bytewise_missing)]
    return found


def check(sql: str, bytewise_missing: dict[str, frozenset[str]] | None = None) -> list[tuple[int, str]]:
    """Return (line within the statement from 0, reason) of everything wrong with one statement.

    `bytewise_missing` remembers, from one CREATE TABLE to the next CREATE INDEX, the text columns without COLLATE "C".
    """
    text = _blanked(sql)
    found = [(_line(text, match.end() - 1), reason) for rule, reason in _RULES for match in rule.finditer(text)]
    found += [
        (_line(text, match.start()), f"keywords are upper-case: {match[0]}") for match in _LOWER_CASE.finditer(text)
    ]
    if ";" in text.rstrip().rstrip(";"):
        found.append((_line(text, text.index(";")), "one statement at a time"))
    return sorted(
        {*found, *((0, reason) for reason in _shape(text, {} if bytewise_missing is None else bytewise_missing))}
    )


def _shape(text: str, bytewise_missing: dict[str, frozenset[str]]) -> Iterator[str]:
    verb = text.split(maxsplit=1)[0].upper() if text.strip() else ""
    if verb == "CREATE":
        yield from _created(text.rstrip().rstrip(";"), bytewise_missing)
    elif verb == "ALTER":
        if not re.search(r"\bADD\s+COLUMN\s+IF\s+NOT\s+EXISTS\b", text, re.IGNORECASE):
            yield "a table changes by ADD COLUMN IF NOT EXISTS (rule 11)"
    elif verb in {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}:
        yield from _keyed(text, verb)


def _created(text: str, bytewise_missing: dict[str, frozenset[str]]) -> Iterator[str]:
    if table := _CREATE_TABLE.match(text):
        if not table[1]:
            yield "CREATE TABLE says IF NOT EXISTS (rule 11)"
        bytewise_missing[table[2]] = frozenset(_COLUMN.findall(table[3]))
        key = _PRIMARY_KEY.search(table[3])
        if key is None:
            yield f"{table[2]} has no PRIMARY KEY (...)"
        else:
            yield from _key(table[2], key[1], bytewise_missing)
    elif index := _CREATE_INDEX.match(text):
        if not index[1]:
            yield "CREATE INDEX says IF NOT EXISTS (rule 11)"
        if "(" in index[3] or index[4].strip():
            yield "an index is of plain columns and of all rows (rule 3)"
        yield from _key(index[2], index[3], bytewise_missing)
    else:
        yield "CREATE makes tables and plain indexes"


def _key(table: str, columns: str, bytewise_missing: dict[str, frozenset[str]]) -> Iterator[str]:
    names = [name.split()[0] for name in columns.split(",") if name.strip()]
    first = names[0] if names else ""
    if table in SERVER_TABLES:
        if first != SERVER_TABLES[table]:
            yield f"a key of {table} begins with {SERVER_TABLES[table]} (rule 1)"
    elif first not in POOL_KEYS:
        yield f"a key of {table} begins with pool_id, or the owner in its row is the server (rule 1)"
    for name in names:
        if name in bytewise_missing.get(table, ()):
            yield f'{table}.{name} is text in a key and says no COLLATE "C"'


def _keyed(text: str, verb: str) -> Iterator[str]:
    if verb in {"UPDATE", "DELETE"} and not re.search(r"\bWHERE\b", text, re.IGNORECASE):
        yield f"{verb} without WHERE"
    of_pools = [name for name in _TABLES_NAMED.findall(text) if name not in SERVER_TABLES and name.upper() != "SET"]
    if of_pools and not re.search(r"\b(?:identity_)?pool_id\b", text):
        yield f"{of_pools[0]} is a pool's, so the statement names pool_id (rule 1)"


def _in_store(file: Path) -> Iterator[Finding]:
    """Check every SQL text of a table module, and that each statement which is run is a literal one."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    constants = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    run = [node.args[0] for node in ast.walk(tree) if _runs_sql(node) and isinstance(node, ast.Call)]
    for argument in run:
        # An attribute is a statement in a table of statements, whose literals are looked at where they stand.
        literal = isinstance(argument, (ast.Constant, ast.Attribute)) or (
            isinstance(argument, ast.Name) and argument.id in constants
        )
        if not literal and file.name not in _RUNNERS:
            yield Finding(file, argument.lineno, _ONE_TEXT)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr) and _BEGINS_SQL.match(ast.unparse(node)):
            yield Finding(file, node.lineno, _ONE_TEXT)

    directly = {id(argument) for argument in run}
    for text in _texts(tree):
        if id(text) in directly or _LOOKS_LIKE_SQL.match(str(text.value)):
            for offset, reason in check(str(text.value)):
                yield Finding(file, text.lineno + offset, reason)


def _outside(file: Path) -> Iterator[Finding]:
    for text in _texts(ast.parse(file.read_text(encoding="utf-8"))):
        if _LOOKS_LIKE_SQL.match(str(text.value)) and str(text.value).lstrip()[:4].isupper():
            yield Finding(file, text.lineno, "SQL lives in store/")


def _runs_sql(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _METHODS
        and bool(node.args)
    )


def _texts(tree: ast.Module) -> list[ast.Constant]:
    """Return the string literals that are not docstrings, the fixed parts of f-strings among them."""
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
    ]


def _blanked(sql: str) -> str:
    """Return the text at its length and in its lines, literals and comments blank."""
    return _LITERAL_OR_COMMENT.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), sql)


def _split(script: str) -> Iterator[tuple[int, str]]:
    """Yield (line from 1, statement) of a script that is blanked already."""
    start = 0
    for statement in script.split(";"):
        begin = start + len(statement) - len(statement.lstrip())
        if statement.strip():
            yield script.count("\n", 0, begin) + 1, statement.strip()
        start += len(statement) + 1


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position)


def main() -> int:
    """Lint the folder that was named, or the package, and print what is found."""
    found = lint(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE)
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
