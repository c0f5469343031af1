"""On a server's store the same is read, kept and found as on a file's."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.kept_extract.people import STEPS, Runs, people
from tests.postgresql_server import PostgresqlServer


def test_a_run_over_what_changed_in_a_server_is_the_run_over_everything(
    tmp_path: Path, postgresql: PostgresqlServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgresql.new_database(empty=True)
    monkeypatch.setenv("SD_CONNECTOR__STORE__URL", url)
    chance = random.Random(5)
    with people(tmp_path, "ecc", 5) as everybody:
        assert everybody.store.name.startswith("postgresql")
        runs = Runs(everybody, tmp_path / "kept.sqlite3")
        everybody.do(["sell", "sell", "pass", "deliver", "issue", "bill", "pay", "sell"])
        runs.run()
        for _ in range(4):
            everybody.do(chance.choices(sorted(STEPS), k=4))
            runs.run()
        assert runs.over_changes == 4
    postgresql.drop_database(url)
