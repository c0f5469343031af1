"""
Prometheus metrics: a view of what the store and the jobs say when they are asked.

Nothing is counted here; the numbers are those of the store, so that they survive a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version

from prometheus_client import CollectorRegistry, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from connector.bootstrap.reconciliation_standing import Standing
from connector.daemon.jobs import JobRecord
from connector.errors import ConfigurationError, ConnectorError
from connector.ports.store import FlowStore


class StoreCollector(Collector):
    """Reads the store and the jobs' records at every scrape."""

    def __init__(
        self,
        store: FlowStore,
        jobs: Mapping[str, JobRecord],
        standing: Callable[[], Standing] = Standing,
    ) -> None:
        """*standing* tells how reconciliation stands."""
        self._store, self._jobs, self._standing = store, jobs, standing

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
        yield from self._reconciliation()

    def _reconciliation(self) -> Iterator[Metric]:
        try:
            standing = self._standing()
        except ConnectorError:
            return
        if standing.finished_at is None:
            return
        verdict = GaugeMetricFamily(
            "sd_connector_reconciliation_verdict",
            "1 for the verdict of the last reconciliation.",
            labels=["verdict"],
        )
        verdict.add_metric([standing.verdict], 1)
        yield verdict
        yield GaugeMetricFamily(
            "sd_connector_reconciliation_ended_seconds",
            "When the last reconciliation ended, Unix time.",
            value=standing.finished_at.timestamp(),
        )
        yield GaugeMetricFamily(
            "sd_connector_reconciliation_unreliable_days",
            "Key dates whose newest reconciliation was INCOMPLETE or FAILED.",
            value=len(standing.unreliable),
        )
        breaks = GaugeMetricFamily(
            "sd_connector_open_breaks", "Open breaks by severity.", labels=["severity"]
        )
        for severity, count in standing.open_breaks.items():
            breaks.add_metric([severity], count)
        yield breaks

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
    host: str,
    port: int,
    store: FlowStore,
    jobs: Mapping[str, JobRecord],
    standing: Callable[[], Standing] = Standing,
) -> Iterator[int]:
    """
    Answer Prometheus at *host* and *port* (0: any free one) for the block; yields the port.

    Raises:
        ConfigurationError: host and port cannot be listened on.
    """
    registry = CollectorRegistry()
    registry.register(StoreCollector(store, jobs, standing))
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
