"""Does `make risk` say the same each time, and does it read the columns of the public data set? A village of sixty people."""

import csv
import re
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(__file__).resolve().parents[2] / "benchmarks" / "risk_evaluation.py"
COLUMNS = (
    "index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,Country,Region,City,ASN,User Agent String,"
    "Browser Name and Version,OS Name and Version,Device Type,Login Successful,Is Attack IP,Is Account Takeover"
)


def evaluated(*options: str) -> str:
    """Run the program; return what it prints."""
    done = subprocess.run([sys.executable, str(PROGRAM), *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_one_seed_is_one_table_and_a_file_of_its_rows_is_read(tmp_path: Path) -> None:
    """With five kinds of attackers; the file has the columns of the public data set, and its rows mean the same there."""
    file = tmp_path / "rows.csv"
    village = ("--people", "60", "--days", "12")
    told = evaluated(*village, "--write", str(file))

    assert told == evaluated(*village)
    assert told != evaluated(*village, "--seed", "3")
    assert "| asked for more where there is | honest | attacks | stuffing | botnet | local | phishing | spray |" in told
    with file.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert list(rows[0]) == COLUMNS.split(",")
    assert {row["Is Account Takeover"] for row in rows} == {"True", "False"}

    read = evaluated("--data", str(file))
    assert "| honest | attacks | takeover | attack address |" in read
    counts = [re.findall(r"places: ([\d,]+) honest", text) for text in (told, read)]
    assert counts[0] == counts[1]
    assert len(counts[0]) == 2
