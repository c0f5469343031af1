"""How SQLite finds rows: no statement of the daily work reads a whole table."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from tests.sync.world import World, a_world, an_order

#: Read as a whole on purpose: rows are counted, or there are only a few.
_MAY_BE_SCANNED = {"alembic_version", "sqlite_master"}


@contextmanager
def statements() -> Iterator[dict[str, int]]:
    """Collect the texts of all statements, with how many parameters each has."""
    found: dict[str, int] = {}

    def note(
        connection: Connection, cursor: Any, text: str, parameters: Any, context: Any, many: bool
    ) -> None:
        first = parameters[0] if many and parameters else parameters
        found[text] = len(first or ())

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def live(world: World) -> None:
    """From the intake to the payment, with what is looked up and found on the way."""
    world.receive(an_order())
    world.later(days=1)
    [delivery] = world.erp.deliver("0000000001")
    world.run()
    world.store.steps.expired(world.clock.now(), ("nobody",))
    world.store.flows.find("0000000001")
    world.store.flows.find(delivery)


def scanned(path: Path, texts: dict[str, int]) -> dict[str, str]:
    """Return, by statement, what SQLite would read from its first row to its last."""
    found: dict[str, str] = {}
    with closing(sqlite3.connect(path)) as connection:
        for text, parameters in texts.items():
            if text.split()[0] not in {"SELECT", "UPDATE", "DELETE", "INSERT"}:
                continue
            plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", [None] * parameters)
            for *_, detail in plan:
                words = str(detail).split()
                if words[0] == "SCAN" and "USING" not in words and words[1] not in _MAY_BE_SCANNED:
                    found[text] = str(detail)
    return found


def test_no_statement_on_the_way_of_an_order_reads_a_whole_table(tmp_path: Path) -> None:
    with a_world(tmp_path) as world:
        with statements() as texts:
            live(world)
        [path] = tmp_path.rglob("*.sqlite3")
        assert len(texts) > 20
        assert scanned(path, texts) == {}


def test_a_statement_without_an_index_is_noticed(tmp_path: Path) -> None:
    with a_world(tmp_path):
        [path] = tmp_path.rglob("*.sqlite3")
        by_unit = "SELECT * FROM flow_link WHERE unit = ?"
        assert scanned(path, {by_unit: 1}) == {by_unit: "SCAN flow_link"}
