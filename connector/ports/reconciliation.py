"""
What reconciliation needs from the store: the mirror of the external orders, and a place for runs.

The mirror says what was sold outside and which ERP documents the connector holds for it; what
those documents say is read from the ERP itself, so that the mirror cannot vouch for itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from connector.mappings.external_order import ExternalOrder
from connector.sd_documents.payment import AccountingDocumentKey
from connector.sd_documents.values import Money, Quantity


@dataclass(frozen=True, slots=True)
class MirroredLine:
    """
    Which item of the sales order an external line became.

    ``quantity`` is the line's quantity in the item's sales unit, empty where it was not converted.
    """

    line_id: str
    item_number: int
    quantity: Quantity | None = None


@dataclass(frozen=True, slots=True)
class MirroredPayment:
    """
    Money that the channel received for an order, as the connector posts it.

    ``reference`` is what the receipt carries in FI (XBLNR), empty where nothing was mapped yet;
    ``accounting_document`` is empty until the connector has posted it.
    """

    payment_id: str
    gateway: str
    amount: Money
    paid_on: date
    reference: str = ""
    company_code: str = ""
    payer: str = ""
    accounting_document: AccountingDocumentKey | None = None


@dataclass(frozen=True, slots=True)
class MirroredOrder:
    """
    An external order with what the connector holds about it.

    ``reference`` is the customer purchase order number that its SD documents carry, empty while
    nothing was mapped. ``sales_documents`` are all sales documents made for it, of any category,
    ``billing_documents`` the invoices the mirror knows. ``hold`` says why the order waits for a
    person, empty when it does not.
    """

    order: ExternalOrder
    received_at: datetime
    reference: str = ""
    sales_organization: str = ""
    sales_documents: tuple[str, ...] = ()
    billing_documents: tuple[str, ...] = ()
    lines: tuple[MirroredLine, ...] = ()
    payments: tuple[MirroredPayment, ...] = ()
    hold: str = ""


@dataclass(frozen=True, slots=True)
class MirrorFreshness:
    """
    Until when the mirror is known to be complete; empty where that never happened.

    ``orders_expected`` is how many external orders the store counts, to hold against how many
    were read.
    """

    orders_expected: int
    last_intake_at: datetime | None
    last_status_at: datetime | None


class Mirror(Protocol):
    """The connector's own records of external orders, for reading only."""

    def freshness(self) -> MirrorFreshness:
        """Say how complete and how recent the mirror is."""
        ...

    def orders(self) -> Iterator[MirroredOrder]:
        """Yield every external order in its newest version, test and cancelled ones included."""
        ...


@dataclass(frozen=True, slots=True)
class StoredRun:
    """
    One finished reconciliation run as it is kept.

    ``run_id`` sorts by time. ``content`` is the whole run as JSON with decimals as text;
    ``content_hash`` covers its figures and leaves out when it ran.
    """

    run_id: str
    key_date: date
    company_codes: tuple[str, ...]
    verdict: str
    content_hash: str
    finished_at: datetime
    content: str


class ReconciliationRuns(Protocol):
    """The log of runs; entries are added, never changed or deleted."""

    def save_reconciliation_run(self, run: StoredRun) -> None:
        """Append *run*; raises ValueError when its id is already there with other content."""
        ...

    def reconciliation_runs(self, limit: int = 20) -> tuple[StoredRun, ...]:
        """Return the newest runs, newest first."""
        ...
