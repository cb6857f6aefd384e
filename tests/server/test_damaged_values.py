"""What does the doctor say of a sealed value that is none? How many there are: it looks on, and nothing ends with a traceback."""

import time
from pathlib import Path

from api.world import round_to_second, running, settings_for
from poolkeeper.server.upkeep import examine


def test_a_damaged_value_is_counted_and_the_rest_is_examined(tmp_path: Path) -> None:
    """Somebody wrote into the database by hand."""
    with running(
        settings_for(tmp_path), engine="sqlite", started_at=round_to_second(time.time_ns() // 1_000_000)
    ) as world:
        client = world.pool().client(GenerateSecret=True)
        sql = "UPDATE clients SET secret = $1 WHERE client_id = $2"
        world.run(lambda: world.house.db.execute(sql, b"by hand", client.client_id))
        findings = world.run(lambda: examine(world.house))
    bad = [one.text for one in findings if "damaged" in one.text]
    assert bad == ["1 sealed values are damaged: they cannot be read"]
    assert any("sealing key" in one.text and one.sound for one in findings)
