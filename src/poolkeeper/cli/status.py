"""What was it again? `poolkeeper status`: endpoint, ids and keys, and as lines for an .env file."""

import sys
from typing import TYPE_CHECKING, Any

import click

from poolkeeper.cli.shared import STORAGE, refuse, with_flags, with_house
from poolkeeper.server.typed import program_as_called

if TYPE_CHECKING:
    from poolkeeper.call import House
    from poolkeeper.server.status import Status


@click.command()
@with_flags(*STORAGE)
@click.option(
    "--env", is_flag=True, help="Print lines for an .env file, with VITE_ and NEXT_PUBLIC_ names beside the plain."
)
@click.option("--pool", "pool_id", default="", help="Whose ids those lines have; the first user pool's if not named.")
@click.option("--client", "client_id", default="", help="Which app client they have; the pool's first if not named.")
def status(*, env: bool, pool_id: str, client_id: str, **flags: Any) -> None:
    """Say where the server of a database is, which pools and app clients it has, and how to get a key."""
    from poolkeeper.server.status import env_lines, lines, look

    async def work(house: "House") -> "Status":
        return await look(house, pool_id=pool_id, client_id=client_id) if env else await look(house)

    report = with_house(flags, work)
    try:
        program = program_as_called(sys.argv[0])
        output = env_lines(report, pool_id=pool_id, client_id=client_id) if env else lines(report, program=program)
    except LookupError as fault:
        refuse([str(fault)])
    click.echo("\n".join(output))
