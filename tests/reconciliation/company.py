"""A company on the simulated ERP: its books, its shop's orders, and a way to read both."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast

from connector.clock import ManualClock
from connector.erp.http.options import HttpOptions
from connector.erp.http.pool import HttpPool
from connector.erp.odata.erp import ODataErp
from connector.erp.odata.options import ODataOptions
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.erp.rfc.erp import RfcErp
from connector.ports.erp import Erp
from connector.reconciliation.ageing import Bucket
from connector.reconciliation.extract import read_erp
from connector.reconciliation.mirror import MirroredLine, MirroredOrder, MirroredPayment
from connector.reconciliation.report import ReconciliationRun
from connector.reconciliation.rules import ReconciliationRules
from connector.reconciliation.run import Assignment, run_reconciliation
from connector.sd_documents.values import Money, Quantity
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import OpenItemRef, PaymentSpec
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL, LocalAdapter
from connector.simulator.odata.face import ODataFace
from connector.simulator.odata.settings import ODataFaceSettings
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.settings import FaceSettings
from tests.reconciliation.books import Books, Line, at, day
from tests.simulator.engine.support import done, on

#: What the ERP is, and over what it is read.
WAYS = ("ecc", "s4")
LOGON: dict[str, Any] = {
    "ashost": "erp.test",
    "sysnr": "00",
    "client": "100",
    "user": "recon",
    "passwd": "x",
}


@contextmanager
def a_way(simulated: SimulatedErp, way: str) -> Iterator[Erp]:
    """Yield a transport to *simulated*: RFC to an ECC system, or OData to S/4HANA."""
    clock = ManualClock(at(day("2026-01-02")))
    with ExitStack() as stack:
        if way == "ecc":
            face = RfcFace(simulated, FaceSettings(profile="ecc"))
            stack.callback(face.close)

            def connect(on_sent: OnSent) -> RfcConnection:
                del on_sent  # a call in the same process does not travel
                return cast(RfcConnection, face.connect(**LOGON))

            transport: Erp = RfcErp(RfcDriver(connect, RFCError), clock=clock)
        else:
            front = HttpFront(simulated)
            stack.callback(front.close)
            ODataFace(simulated, front, ODataFaceSettings())
            http = HttpOptions.model_validate(
                {
                    "base_url": LOCAL_URL,
                    "logon": {"kind": "basic", "user": "CONNECTOR", "password": "x"},
                    "client": "100",
                    "allow_plain_http": True,
                }
            )
            pool = HttpPool(http, clock, lambda: LocalAdapter(front))
            transport = ODataErp(pool, ODataOptions(), clock)
        stack.callback(transport.close)
        yield transport


class Company:
    """The simulated ERP, the shop's side of its orders, and the transport between."""

    def __init__(self, simulated: SimulatedErp, transport: Erp) -> None:
        self.simulated, self.transport = simulated, transport
        self.mirrored: list[MirroredOrder] = []
        #: Payers that somebody gave orders in the ERP after they were billed.
        self.other_payers: dict[str, str] = {}
        #: By how much every balance is off in company currency.
        self.local_shift = Decimal(0)

    def sells(
        self,
        external_id: str,
        lines: list[Line],
        day_sold: str,
        *paid: tuple[str, str, str],
        sales_order: str,
        currency: str = "EUR",
    ) -> None:
        """Note what the shop knows, and which sales order it became."""
        shop = Books(currency=currency)
        shop.sell(external_id, lines, day_sold, paid=paid)
        mirrored = shop.mirrored[external_id]
        self.mirrored.append(
            MirroredOrder(
                order=mirrored.order,
                received_on=mirrored.received_on,
                ordered_on=mirrored.ordered_on,
                reference=external_id,
                sales_documents=(sales_order,) if sales_order else (),
                lines=tuple(
                    MirroredLine(str(n), 10 * n, Quantity(value=each.quantity, unit="PC"))
                    for n, each in enumerate(lines, start=1)
                ),
                payments=mirrored.payments,
            )
        )

    def paid(self, external_id: str, *payments: tuple[str, str, str]) -> None:
        """Note what the shop received for an order: id (and reference), amount, day."""
        at_ = next(n for n, o in enumerate(self.mirrored) if o.order.external_id == external_id)
        known = self.mirrored[at_]
        currency = known.order.currency
        received = tuple(
            MirroredPayment(
                payment_id=name,
                gateway="card",
                amount=Money(amount=Decimal(amount), currency=currency),
                paid_on=day(paid_on),
                reference=name,
                company_code="1000",
            )
            for name, amount, paid_on in payments
        )
        self.mirrored[at_] = replace(known, payments=(*known.payments, *received))

    def reconciles(self, key_date: str, *company_codes: str, **rules: Any) -> ReconciliationRun:
        """Read and compare as of a day; for company code 1000 unless told otherwise."""
        assignment = Assignment(
            key_date=day(key_date),
            company_codes=company_codes or ("1000",),
            time_zone="Europe/Berlin",
            rules=ReconciliationRules(**rules),
        )
        extract = read_erp(
            self.transport,
            self.mirrored,
            assignment.key_date,
            assignment.company_codes,
            assignment.rules,
        )
        payers = tuple(
            replace(payer, payer=self.other_payers.get(payer.sales_order, payer.payer))
            for payer in extract.payers
        )
        balances = tuple(
            balance.model_copy(
                update={
                    "local_balance": Money(
                        amount=balance.local_balance.amount + self.local_shift,
                        currency=balance.local_balance.currency,
                    )
                }
            )
            if balance.local_balance is not None
            else balance
            for balance in extract.balances
        )
        extract = replace(extract, payers=payers, balances=balances)
        return run_reconciliation(assignment, self.mirrored, extract, now=at(day(key_date)))


def pays(erp: SimulatedErp, amount: str, *items: OpenItemRef, on_day: str, **more: Any) -> str:
    """Enter a receipt of customer C-100."""
    on(erp, on_day)
    spec = PaymentSpec("1000", "C-100", Decimal(amount), "EUR", items=list(items), **more)
    return done(erp, "post_incoming_payment_with_clearing", spec).number


def amounts(run: ReconciliationRun, number: int) -> dict[str, str]:
    (identity,) = [identity for identity in run.identities if identity.number == number]
    assert identity.holds
    return {t.label: str(t.amount.amount) for t in (identity.left, *identity.right)}


def aged(run: ReconciliationRun) -> dict[Bucket, str]:
    return {
        bucket: str(row.amount(bucket).amount)
        for row in run.ageing
        for bucket in Bucket
        if row.amount(bucket)
    }
