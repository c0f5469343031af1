"""
Prometheus metrics: a view of what the store and the jobs say when they are asked.

Nothing is counted here; the numbers are those of the store, so that they survive a restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connector.daemon.jobs import JobRecord
from connector.errors import ConfigurationError, ConnectorError
from connector.ports.store import FlowStore


class StoreCollector(Collector):
    """Reads the store and the jobs' records at every scrape."""

    def __init__(self, store: FlowStore, jobs: Mapping[str, JobRecord]) -> None:
        self._store = store
        self._jobs = jobs

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; what cannot be read at present is left out."""
        about = GaugeMetricFamily("sd_connector_info", "Version in use.", labels=["version"])
        about.add_metric([version("sd-connector")], 1)
        yield about
        yield from self._orders()
        ended = GaugeMetricFamily(
            "sd_connector_job_ended_seconds", "When the job last ended, Unix time.", labels=["job"]
        )
        good = GaugeMetricFamily(
            "sd_connector_job_ok", "1 when the job's last run went well, else 0.", labels=["job"]
        )
        for name, record in sorted(dict(self._jobs).items()):
            ended.add_metric([name], record.ended_at.timestamp())
            good.add_metric([name], record.outcome == "ok")
        yield ended
        yield good

    def _orders(self) -> Iterator[Metric]:
        orders = GaugeMetricFamily("sd_connector_orders", "Orders by state.", labels=["state"])
        try:
            for state, count in self._store.flows.count().items():
                orders.add_metric([state], count)
        except ConnectorError:
            return
        yield orders


@contextmanager
def serve_metrics(
    host: str, port: int, store: FlowStore, jobs: Mapping[str, JobRecord]
) -> Iterator[int]:
    """
    Answer Prometheus at *host* and *port* (0: any free one) for the block; yields the port.

    Raises:
        ConfigurationError: host and port cannot be listened on.
    """
    registry = CollectorRegistry()
    registry.register(StoreCollector(store, jobs))
    try:
        server, thread = start_http_server(port, host, registry)
    except OSError as error:
        raise ConfigurationError(
            f"daemon.metrics_port: {host}:{port}",
            f"cannot be listened on: {error.strerror}",
            "Choose another port, or stop what uses it",
        ) from error
    try:
        yield int(server.server_address[1])
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
