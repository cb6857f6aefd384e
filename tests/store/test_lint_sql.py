"""Does the SQL linter find what it is there for? One bad text for every rule, and none in Poolkeeper itself."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "lint_sql.py"

BAD = (
    ("SELECT n FROM toys WHERE pool_id = ?", "placeholders"),
    ("SELECT * FROM toys WHERE pool_id = $1", "columns are named"),
    ("SELECT t.* FROM toys t WHERE t.pool_id = $1", "columns are named"),
    ("DELETE FROM toys WHERE pool_id = $1 RETURNING *", "columns are named"),
    ("SELECT n FROM toys WHERE pool_id = $1 AND LOWER(label) = $2", "folded in Python"),
    ("SELECT n FROM toys WHERE pool_id = $1 AND label ILIKE $2", "range of a folded column"),
    ("SELECT n FROM toys WHERE pool_id = $1 AND label LIKE $2", "range of a folded column"),
    ("SELECT n FROM toys WHERE pool_id = $1 AND label ~ $2", "range of a folded column"),
    ("SELECT n FROM toys WHERE pool_id = $1 ORDER BY label COLLATE NOCASE", "by its bytes"),
    ('SELECT n FROM toys WHERE pool_id = $1 ORDER BY label COLLATE "de_DE"', "by its bytes"),
    ("UPDATE toys SET n = NOW() WHERE pool_id = $1", "time comes from the caller"),
    ("UPDATE toys SET n = CURRENT_TIMESTAMP WHERE pool_id = $1", "time comes from the caller"),
    ("UPDATE toys SET n = STRFTIME('%s') WHERE pool_id = $1", "time comes from the caller"),
    ("SELECT n FROM toys WHERE pool_id = $1 ORDER BY RANDOM()", "chance come from the caller"),
    ("INSERT INTO toys (pool_id, toy_id) VALUES ($1, GEN_RANDOM_UUID())", "chance come from the caller"),
    ("SELECT n FROM toys WHERE pool_id = $1 LIMIT 10 OFFSET 20", "found by key"),
    ("SELECT COUNT(*) FROM users WHERE pool_id = $1", "tallies"),
    ("SAVEPOINT here", "driver owns"),
    ("COMMIT", "driver owns"),
    ("SELECT n FROM toys WHERE pool_id = $1 FOR UPDATE", "compare and set"),
    ("SELECT n FROM toys WHERE pool_id = $1 FOR UPDATE OF toys SKIP LOCKED", "compare and set"),
    ("SELECT n FROM due WHERE shard = $1 FOR NO KEY UPDATE SKIP LOCKED", "compare and set"),
    ("WITH gone AS (DELETE FROM toys WHERE pool_id = $1 RETURNING n) SELECT n FROM gone", "within WITH"),
    ("SELECT label ->> 'a' FROM toys WHERE pool_id = $1", "JSON"),
    ("SELECT JSON_EXTRACT(label, 'a') FROM toys WHERE pool_id = $1", "JSON"),
    ("SELECT n::text FROM toys WHERE pool_id = $1", "CAST(x AS type)"),
    ("SELECT n FROM toys WHERE pool_id = $1 AND toy_id = ANY($2)", "no arrays"),
    ("SELECT n FROM toys WHERE pool_id = $1 AND broken = TRUE", "booleans are smallint"),
    ("SELECT n FROM toys WHERE pool_id = $1 AND ($2 IS NULL OR n = $2)", "CAST($1 AS type)"),
    ("SELECT PG_ADVISORY_LOCK(1) FROM toys WHERE pool_id = $1", "one engine's own"),
    ("NOTIFY users", "one engine's own"),
    ("PRAGMA foreign_keys=ON", "one engine's own"),
    ("TRUNCATE toys", "not in every engine"),
    ("SELECT GREATEST(n, 1) FROM toys WHERE pool_id = $1", "not in both engines"),
    ("INSERT OR IGNORE INTO toys (pool_id) VALUES ($1)", "not in both engines"),
    ("DELETE FROM toys USING hats WHERE toys.pool_id = hats.pool_id", "not in both engines"),
    ("SELECT CAST(n AS varchar) FROM toys WHERE pool_id = $1", "the types are"),
    ("select n FROM toys WHERE pool_id = $1", "upper-case: select"),
    ("SELECT n FROM toys WHERE pool_id = $1 Order BY n", "upper-case: Order"),
    ("DELETE FROM toys WHERE pool_id = $1; DELETE FROM hats WHERE pool_id = $1", "one statement"),
    ("SELECT n FROM toys WHERE toy_id = $1", "names pool_id"),
    ("SELECT d.pool FROM directory d JOIN toys t ON t.toy_id = d.value WHERE d.kind = $1", "names pool_id"),
    ("UPDATE captured SET at = 1", "UPDATE without WHERE"),
    ("DELETE FROM captured", "DELETE without WHERE"),
    ("CREATE TABLE IF NOT EXISTS toys (pool_id text)", "no PRIMARY KEY"),
    ('CREATE TABLE toys (pool_id text COLLATE "C", PRIMARY KEY (pool_id))', "IF NOT EXISTS"),
    ('CREATE TABLE IF NOT EXISTS toys (id text COLLATE "C", PRIMARY KEY (id))', "begins with pool_id"),
    ("CREATE TABLE IF NOT EXISTS due (job_id bigint, PRIMARY KEY (job_id))", "begins with shard"),
    ("CREATE TABLE IF NOT EXISTS toys (pool_id text NOT NULL, PRIMARY KEY (pool_id))", 'no COLLATE "C"'),
    ("CREATE TABLE IF NOT EXISTS toys (pool_id uuid, PRIMARY KEY (pool_id))", "the types are"),
    (
        "CREATE TABLE IF NOT EXISTS toys (pool_id bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (pool_id))",
        "ids are random",
    ),
    ("CREATE TABLE IF NOT EXISTS toys (pool_id bigserial, PRIMARY KEY (pool_id))", "ids are random"),
    ("CREATE TABLE IF NOT EXISTS toys (pool_id bigint REFERENCES pools, PRIMARY KEY (pool_id))", "no foreign keys"),
    ("CREATE TABLE IF NOT EXISTS toys (pool_id bigint, n bigint UNIQUE, PRIMARY KEY (pool_id))", "what is unique"),
    ("CREATE UNIQUE INDEX IF NOT EXISTS a ON toys (pool_id, n)", "what is unique"),
    ("CREATE INDEX a ON toys (pool_id, n)", "IF NOT EXISTS"),
    ("CREATE INDEX IF NOT EXISTS a ON toys (n)", "begins with pool_id"),
    ("CREATE INDEX IF NOT EXISTS a ON toys (pool_id, n) WHERE n > 1", "plain columns"),
    ("CREATE INDEX IF NOT EXISTS a ON toys (pool_id, ABS(n))", "plain columns"),
    ("CREATE TEMPORARY TABLE toys (pool_id bigint, PRIMARY KEY (pool_id))", "not in every engine"),
    ("CREATE TRIGGER a AFTER INSERT ON toys", "tables and indexes"),
    ("CREATE EXTENSION citext", "tables and indexes"),
    ("ALTER TABLE toys ADD COLUMN x text", "ADD COLUMN IF NOT EXISTS"),
    ("ALTER TABLE toys DROP COLUMN x", "ADD COLUMN IF NOT EXISTS"),
)

GOOD = (
    "SELECT n, 'it''s * and ? and lower(' AS label FROM toys WHERE pool_id = $1 AND toy_id > $2 ORDER BY toy_id LIMIT $3",
    "SELECT n FROM toys WHERE pool_id = $1 AND (CAST($2 AS text) IS NULL OR label = $2) -- select * from toys;",
    "INSERT INTO toys (pool_id, toy_id, n) VALUES ($1, $2, $3) ON CONFLICT (pool_id, toy_id) DO UPDATE SET n = excluded.n",
    "UPDATE due SET lease_until = $3 WHERE shard = $1 AND job_id = $2 AND lease_until = 0 RETURNING job_id",
    'CREATE TABLE IF NOT EXISTS toys (pool_id text COLLATE "C" NOT NULL, n bigint, PRIMARY KEY (pool_id));',
    "CREATE INDEX CONCURRENTLY IF NOT EXISTS toys_by_n ON toys (pool_id, n)",
    "ALTER TABLE toys ADD COLUMN IF NOT EXISTS label text",
    "SELECT t.n FROM toys t JOIN hats h ON h.pool_id = t.pool_id WHERE t.pool_id = $1 FOR UPDATE OF t, h",
)


@pytest.fixture(scope="module")
def lint_sql() -> ModuleType:
    """Load the tool, which is a script and no package."""
    spec = importlib.util.spec_from_file_location("lint_sql", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # A dataclass looks its module up by name.
    sys.modules["lint_sql"] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("sql", "reason"), BAD)
def test_bad_sql_is_found(lint_sql: ModuleType, sql: str, reason: str) -> None:
    """Each text breaks a rule, and the finding says which."""
    found = [text for _, text in lint_sql.check(sql)]
    assert [text for text in found if reason in text], found


@pytest.mark.parametrize("sql", GOOD)
def test_good_sql_is_let_through(lint_sql: ModuleType, sql: str) -> None:
    """What both engines read alike has no finding, whatever stands in its literals and comments."""
    assert lint_sql.check(sql) == []


def package(tmp_path: Path, **files: str) -> Path:
    """Write a package with these texts in place of store/toys.py, call.py and the first migration."""
    places = {"store": "store/toys.py", "call": "call.py", "migration": "store/migrations/0001_first.sql"}
    for name, text in files.items():
        file = tmp_path / places[name]
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def test_a_finding_names_the_line(lint_sql: ModuleType, tmp_path: Path) -> None:
    """The line is that of the word in the file, within a long text of a module and within a migration."""
    made = package(
        tmp_path,
        store='''"""Select * from a docstring is no SQL."""


async def by_name(reader, pool_id):
    """Return one."""
    return await reader.fetch_one(
        """
        SELECT n FROM toys
        WHERE pool_id = $1
        OFFSET 3
        """,
        pool_id,
    )
''',
        migration="-- now();\nCREATE TABLE IF NOT EXISTS toys (\n    pool_id text,\n    made timestamp,\n    PRIMARY KEY (pool_id)\n);\n",
    )
    places = [(str(found.file.relative_to(tmp_path)), found.line) for found in lint_sql.lint(made)]
    migration = "store/migrations/0001_first.sql"
    assert places == [("store/toys.py", 10), (migration, 2), (migration, 4)]


@pytest.mark.parametrize(
    "argument",
    ['f"SELECT n FROM toys WHERE pool_id = {pool_id}"', '"SELECT n FROM toys " + where', "sql", '"%s" % sql'],
)
def test_sql_that_is_put_together_is_found(lint_sql: ModuleType, tmp_path: Path, argument: str) -> None:
    """A statement is one literal text in its place; an f-string, a sum and a parameter are not."""
    made = package(tmp_path, store=f"async def f(tx, sql, pool_id, where):\n    return await tx.fetch({argument})\n")
    assert any("one literal text" in found.reason for found in lint_sql.lint(made))


def test_an_f_string_of_sql_is_found_wherever_it_stands(lint_sql: ModuleType, tmp_path: Path) -> None:
    """Also one that is made on another line than the one that runs it."""
    made = package(tmp_path, store='class A:\n    sql = f"""\n        DELETE FROM {table}"""\n')
    assert (2, lint_sql._ONE_TEXT) in [(found.line, found.reason) for found in lint_sql.lint(made)]


def test_a_statement_may_stand_in_a_table_of_statements(lint_sql: ModuleType, tmp_path: Path) -> None:
    """An attribute may be run; the literal behind it is looked at where it stands."""
    module = 'A = Table(put="UPDATE toys SET n = {} WHERE pool_id = $1")\n\nasync def f(tx):\n    await tx.execute(A.put, 1)\n'
    assert lint_sql.lint(package(tmp_path, store=module.format("1"))) == []
    assert [found.line for found in lint_sql.lint(package(tmp_path, store=module.format("NOW()")))] == [1]


def test_a_constant_may_hold_a_statement(lint_sql: ModuleType, tmp_path: Path) -> None:
    """A literal with a name is a literal, and is looked at."""
    module = 'SQL = "SELECT {} FROM toys WHERE pool_id = $1"\n\nasync def f(tx):\n    return await tx.fetch(SQL, 1)\n'
    assert lint_sql.lint(package(tmp_path, store=module.format("n"))) == []
    assert [found.line for found in lint_sql.lint(package(tmp_path, store=module.format("*")))] == [1]


def test_sql_outside_of_the_store_is_found(lint_sql: ModuleType, tmp_path: Path) -> None:
    """SQL lives in store/; a sentence that begins with one of its words does not."""
    made = package(tmp_path, call='A = "Select a pool from the list"\nB = "DELETE FROM users WHERE pool_id = $1"\n')
    assert [(found.line, found.reason) for found in lint_sql.lint(made)] == [(2, "SQL lives in store/")]


def test_an_index_knows_the_columns_of_its_table(lint_sql: ModuleType, tmp_path: Path) -> None:
    """A text column that says no COLLATE "C" is found when an index makes it part of a key."""
    made = package(
        tmp_path,
        migration='CREATE TABLE IF NOT EXISTS toys (\n    pool_id text COLLATE "C",\n    label text,\n    PRIMARY KEY (pool_id)\n);\n'
        "CREATE INDEX IF NOT EXISTS toys_by_label ON toys (pool_id, label);\n",
    )
    assert [(found.line, found.reason) for found in lint_sql.lint(made)] == [
        (6, 'toys.label is text in a key and says no COLLATE "C"')
    ]


def test_poolkeeper_s_own_sql_is_clean(lint_sql: ModuleType) -> None:
    """The package has no finding."""
    assert [str(found) for found in lint_sql.lint(lint_sql.PACKAGE)] == []


def test_the_command_ends_with_1_and_prints_what_it_found(
    lint_sql: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A check can rely on the status; a person reads file, line and reason."""
    made = package(tmp_path, call='A = "DELETE FROM users WHERE pool_id = $1"\n')
    monkeypatch.setattr(sys, "argv", ["lint_sql.py", str(made)])
    assert lint_sql.main() == 1
    assert capsys.readouterr().out == f"{made / 'call.py'}:1: SQL lives in store/\n"
    (made / "call.py").write_text("")
    assert lint_sql.main() == 0
