"""Metrics are what the store says when Prometheus asks."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connector.daemon.jobs import JobRecord
from connector.daemon.metrics import serve_metrics
from connector.errors import ConfigurationError
from connector.store.sql_store import SqlStore, open_store

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite3", upgrade=True)
    yield opened
    opened.close()


def scraped(port: int) -> dict[str, float]:
    """Return the value of each metric, by its name with labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
        lines = answer.read().decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_orders_and_jobs_are_told(store: SqlStore) -> None:
    jobs = {"intake": JobRecord("ok", NOW), "status": JobRecord("the ERP is away", NOW)}

    with serve_metrics("127.0.0.1", 0, store, jobs) as port:
        found = scraped(port)

    assert found['sd_connector_orders{state="held"}'] == 0
    assert found['sd_connector_job_ok{job="intake"}'] == 1
    assert found['sd_connector_job_ok{job="status"}'] == 0
    assert found['sd_connector_job_ended_seconds{job="intake"}'] == NOW.timestamp()


def test_a_store_that_is_gone_leaves_its_numbers_out(store: SqlStore) -> None:
    with serve_metrics("127.0.0.1", 0, store, {}) as port:
        store.close()
        Path(store.name).unlink()
        found = scraped(port)

    assert not [name for name in found if name.startswith("sd_connector_orders{")]
    assert [name for name in found if name.startswith("sd_connector_info{")]


def test_a_port_in_use_names_the_setting(store: SqlStore) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigurationError, match=r"daemon\.metrics_port"),
            serve_metrics("127.0.0.1", port, store, {}),
        ):
            pass
