"""All OData services of one ERP."""

from __future__ import annotations

import threading
from urllib.parse import quote

from connector.clock import Clock
from connector.erp.http.pool import HttpPool
from connector.erp.http.reading import Retrying
from connector.erp.messages import MessageTable
from connector.erp.odata.errors import Judge
from connector.erp.odata.protocol import ProtocolOptions
from connector.erp.odata.repeatability import Repeatability, Support
from connector.erp.odata.service import ODataService
from connector.erp.odata.wire import ServiceWire


class ODataSystem:
    """Hands out the services; any thread may ask. Close it when done."""

    def __init__(
        self, http: HttpPool, options: ProtocolOptions, table: MessageTable, clock: Clock
    ) -> None:
        self._http, self._options, self._clock = http, options, clock
        self._judge = Judge(table)
        self._retrying = Retrying(http.options, clock)
        self._services: dict[tuple[str, str], ODataService] = {}
        self._lock = threading.Lock()

    def service(self, name: str, version: str = "") -> ODataService:
        """
        Return the service *name*; nothing is called before it is used.

        *version* is four digits (``0002``), empty for the first.
        """
        with self._lock:
            known = self._services.get((name, version))
            if known is None:
                known = self._services[name, version] = ODataService(self._wire(name, version))
            return known

    def repeats_writes(self) -> dict[str, Support]:
        """Return what is known so far of each service that was used."""
        with self._lock:
            return {service.name: service.repeats_writes for service in self._services.values()}

    def close(self) -> None:
        """Give back every session; calling it twice is harmless."""
        self._http.close()

    def _wire(self, name: str, version: str) -> ServiceWire:
        segment = quote(name, safe="") + (f";v={version}" if version else "")
        return ServiceWire(
            name=name,
            root=f"{self._options.service_root.rstrip('/')}/{segment}/",
            http=self._http,
            options=self._options,
            judge=self._judge,
            clock=self._clock,
            retrying=self._retrying,
            repeatability=Repeatability(self._options.repeatability),
        )
