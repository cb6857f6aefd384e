"""How are the figures shown? As tables in Markdown, with their date and machine, between two marks in README.md."""

import os
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from measure import Cost, Unable, bare_units
from operations import OPERATIONS, Operation
from servers import KINDS, OPENID_PEERS, OURS, PEERS

README = Path(__file__).resolve().parent / "README.md"
BEGIN, END = "<!-- figures -->", "<!-- end of figures -->"
GROWTH_LIMIT, BESIDE_LIMIT, READY_LIMIT, IDLE_LIMIT = 3.0, 25.0, 1.0, 80.0

Costs = Mapping[str, Cost | Unable]


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A server as a process: seconds to its first good answer on an empty and on a used folder, and idle MiB.

    `functions` are the MiB of the programs that it runs for triggers, which are counted apart from its own.
    """

    first_ready: float
    ready: float
    idle: float
    used: float
    functions: float
    beside: tuple[float, float] | Unable


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that a run has measured, by kind of server; `primitives` in nanoseconds."""

    primitives: Mapping[str, float]
    costs: dict[str, Costs] = field(default_factory=dict)
    processes: dict[str, Process] = field(default_factory=dict)
    growth: dict[str, Mapping[str, tuple[Cost | Unable, Cost | Unable]]] = field(default_factory=dict)
    large: int = 1_000_000

    @property
    def whole(self) -> bool:
        """Whether every server and both growths were measured: a run that may take the place of the last one."""
        return set(self.costs) == {*OURS, *PEERS, *OPENID_PEERS} and set(self.growth) == set(OURS)

    def units(self, primitive: str) -> float:
        """Return what a primitive costs, in S."""
        return self.primitives[primitive] / self.primitives["signature"]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns but the first are right-aligned."""
    marks = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, marks, *rows))


def machine() -> str:
    """Return the date and the machine in one sentence."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "unknown processor")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    return (
        f"{today}, {os.cpu_count()} cores of {model}, Linux {platform.release()}, Python {platform.python_version()}."
    )


def operations_table(figures: Figures, kind: str) -> str:
    """Return one engine's table: what each operation costs beside its bare cryptography and its target."""
    head = ("operation", "CPU, S", "database, S", "bare, S", "CPU / bare", "target, S", "req/s", "p50, ms", "p99, ms")
    rows = [_operation_row(figures, operation, figures.costs[kind].get(operation.name)) for operation in OPERATIONS]
    return table(head, [row for row in rows if row])


def _operation_row(figures: Figures, operation: Operation, cost: Cost | Unable | None) -> Sequence[str]:
    if cost is None:
        return ()
    bare, limit = bare_units(operation, figures.primitives), operation.limit(figures.units("Argon2"))
    target = f"{limit:.1f}" if limit is not None else "-"
    if isinstance(cost, Unable):
        return (operation.name, "no", "", f"{bare:.2f}", "", target, "", "", "")
    missed = limit is not None and cost.cpu > limit
    return (
        operation.name,
        f"**{cost.cpu:.2f}**" if missed else f"{cost.cpu:.2f}",
        f"{cost.database:.2f}" if cost.database else "-",
        f"{bare:.2f}",
        f"{cost.cpu / bare:.2f}" if bare >= 0.1 else "-",
        target,
        f"{cost.rate:.0f}",
        f"{cost.p50:.1f}",
        f"{cost.p99:.1f}",
    )


def peers_table(figures: Figures, peers: Sequence[str]) -> str:
    """Return the CPU of each server on what all of them do, in S, and how often Poolkeeper's on SQLite that is."""
    kinds = [kind for kind in (*OURS, *peers) if kind in figures.costs]
    rows = [
        [operation.name, *(_peer_cell(figures, kind, operation.name) for kind in kinds)]
        for operation in OPERATIONS
        if operation.is_for(peers[0])
    ]
    return table(["CPU, S (times Poolkeeper's)", *(KINDS[kind].title for kind in kinds)], rows)


def _peer_cell(figures: Figures, kind: str, name: str) -> str:
    cost, own = figures.costs[kind].get(name), figures.costs.get("sqlite", {}).get(name)
    if not isinstance(cost, Cost):
        return "no"
    times = f" ({cost.cpu / own.cpu:.1f}x)" if isinstance(own, Cost) and kind not in OURS else ""
    return f"{cost.cpu:.2f}{times}" + (f", {cost.note}" if cost.note else "")


def speed_table(figures: Figures, peers: Sequence[str]) -> str:
    """Return requests a second and latencies of each server on what all of them do."""
    kinds = [kind for kind in (*OURS, *peers) if kind in figures.costs]

    def cell(cost: Cost | Unable | None) -> str:
        return f"{cost.rate:.0f} ({cost.p50:.1f}, {cost.p99:.1f})" if isinstance(cost, Cost) else "no"

    rows = [
        [operation.name, *(cell(figures.costs[kind].get(operation.name)) for kind in kinds)]
        for operation in OPERATIONS
        if operation.is_for(peers[0])
    ]
    return table(["req/s (p50, p99 in ms)", *(KINDS[kind].title for kind in kinds)], rows)


def processes_table(figures: Figures) -> str:
    """Return start-up, memory, and GetUser beside a rush of sign-ins, for each server."""

    def row(kind: str, process: Process) -> list[str]:
        beside = ["no", "no"] if isinstance(process.beside, Unable) else [f"{p99:.1f}" for p99 in process.beside]
        ready = [f"{process.first_ready:.2f}", f"{process.ready:.2f}"]
        memory = [
            f"{process.idle:.0f}",
            f"{process.used:.0f}",
            f"{process.functions:.0f}" if process.functions else "-",
        ]
        return [KINDS[kind].title, *ready, *memory, *beside]

    head = (
        "server",
        "ready (empty), s",
        "ready again, s",
        "idle, MiB",
        "idle after the work, MiB",
        "its functions, MiB",
    )
    alone, beside = "GetUser p99, ms", "beside eight sign-ins, ms"
    return table([*head, alone, beside], [row(kind, process) for kind, process in figures.processes.items()])


def growth_table(figures: Figures) -> str:
    """Return what reads cost with a thousand users and with many, on each engine."""
    rows = []
    for kind, reads in figures.growth.items():
        for name, (few, many) in reads.items():
            title = f"{KINDS[kind].title}: {name}"
            if isinstance(few, Unable) or isinstance(many, Unable):
                rows.append((title, "no", "no", "-", "-"))
                continue
            database = f"{few.database:.2f} to {many.database:.2f}" if few.database else "-"
            rows.append((title, f"{few.cpu:.2f}", f"{many.cpu:.2f}", f"{many.cpu / few.cpu:.2f}", database))
    many_users = f"S at {figures.large:,} users"
    return table(("operation", "S at 1,000 users", many_users, "growth", "database, S"), rows)


def missed(figures: Figures) -> list[str]:
    """Return one line for each target that this run missed."""
    lines = []
    for kind in OURS:
        title, argon2 = KINDS[kind].title, figures.units("Argon2")
        for operation in OPERATIONS:
            cost, limit = figures.costs.get(kind, {}).get(operation.name), operation.limit(argon2)
            if isinstance(cost, Cost) and limit is not None and cost.cpu > limit:
                lines.append(f"{title}: {operation.name} {cost.cpu:.2f} S, target {limit:.1f} S")
            if isinstance(cost, Unable):
                lines.append(f"{title}: {operation.name} was not measured: {cost.why}")
        for name, (few, many) in figures.growth.get(kind, {}).items():
            if not isinstance(few, Cost) or not isinstance(many, Cost):
                lines.append(f"{title}: growth of {name} was not measured: {few if isinstance(few, Unable) else many}")
            elif many.cpu > GROWTH_LIMIT * few.cpu:
                lines.append(f"{title}: {name} costs {many.cpu / few.cpu:.1f} times as much, target {GROWTH_LIMIT:.0f}")
        if kind in figures.processes:
            lines += _missed_by_process(title, figures.processes[kind])
    return lines


def _missed_by_process(title: str, process: Process) -> list[str]:
    beside = 0.0 if isinstance(process.beside, Unable) else process.beside[1]
    checks = (
        (process.ready > READY_LIMIT, f"ready in {process.ready:.2f} s, target {READY_LIMIT:.0f} s"),
        (process.first_ready > READY_LIMIT, f"first ready in {process.first_ready:.2f} s, target {READY_LIMIT:.0f} s"),
        (process.idle > IDLE_LIMIT, f"{process.idle:.0f} MiB idle, target {IDLE_LIMIT:.0f}"),
        (beside > BESIDE_LIMIT, f"GetUser p99 beside sign-ins {beside:.1f} ms, target {BESIDE_LIMIT:.0f}"),
        (isinstance(process.beside, Unable), f"GetUser beside sign-ins was not measured: {process.beside}"),
    )
    return [f"{title}: {message}" for bad, message in checks if bad]


def text(figures: Figures) -> str:
    """Return every table that this run has figures for, and the targets that it missed."""
    unit = figures.primitives["signature"] / 1e6
    costs = ", ".join(f"{name} {figures.units(name):.2f}" for name in figures.primitives if name != "signature")
    parts = [machine(), f"S = {unit:.3f} ms. In S: {costs}."]

    for kind in OURS:
        if kind in figures.costs:
            parts += [f"### {KINDS[kind].title}", operations_table(figures, kind)]
    for title, peers in (("its peers", PEERS), ("an OpenID provider", OPENID_PEERS)):
        if any(kind in figures.costs for kind in peers):
            parts += [f"### Beside {title}", peers_table(figures, peers), speed_table(figures, peers)]
    if figures.processes:
        parts += ["### Start, memory, and a rush of sign-ins", processes_table(figures)]
    if figures.growth:
        parts += ["### Growth", growth_table(figures)]
    if any(kind in part for kind in OURS for part in (figures.costs, figures.growth)):
        parts += ["### Targets missed", "\n".join(f"- {line}" for line in missed(figures)) or "None."]
    return "\n\n".join(parts)


def keep(figures: Figures) -> None:
    """Put the figures into README.md in place of those of an earlier run."""
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n\n{text(figures)}\n\n{END}{after}")
