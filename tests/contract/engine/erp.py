"""
The port on the engine itself, without any protocol: what every transport has to come to.

It is written to be read beside the engine, field by field, and to be as slow as it likes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.ports.erp import ErpSystem
from connector.simulator.engine.erp import SimulatedErp
from tests.contract.engine.accounting import Accounts, EngineOpenItems, EnginePayments
from tests.contract.engine.chains import EngineDocumentChains
from tests.contract.engine.logistics import EngineBillingDocuments, EngineDeliveries
from tests.contract.engine.posting import Poster
from tests.contract.engine.sales_documents import EngineSalesDocuments

if TYPE_CHECKING:
    from connector.ports.erp import Erp


class EngineErp:
    """The simulated ERP as *user* uses it; *clearing* clears payments when they are posted."""

    def __init__(
        self,
        engine: SimulatedErp,
        user: str = "CONNECTOR",
        *,
        clearing: bool = False,
        accounts: Accounts | None = None,
    ) -> None:
        self._poster = poster = Poster(engine, user)
        self.sales_documents = EngineSalesDocuments(engine, poster)
        self.deliveries = EngineDeliveries(engine, poster)
        self.billing_documents = EngineBillingDocuments(engine, poster)
        self.payments = EnginePayments(engine, poster, accounts or Accounts(), clearing)
        self.open_items = EngineOpenItems(engine)
        self.chains = EngineDocumentChains(
            engine, self.sales_documents, self.deliveries, self.billing_documents, self.open_items
        )

    def ping(self) -> ErpSystem:
        """There is nobody to ask."""
        self._poster.require_open()
        return ErpSystem(
            system_id="SIM",
            client="100",
            user=self._poster.user,
            host="",
            release="",
            latency_s=0.0,
            answered_at=datetime(2026, 1, 5, 11, tzinfo=UTC),
        )

    def close(self) -> None:
        """Write no more."""
        self._poster.closed = True


if TYPE_CHECKING:

    def _implements_the_port(erp: EngineErp) -> Erp:
        return erp
