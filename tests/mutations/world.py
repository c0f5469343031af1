"""
The company of the mutations: people post in the simulated ERP, the shop and the bank keep theirs.

Each write is a user's, committed with wait; what the ERP refuses is a defect of the story and
raises AssertionError.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from connector.mappings.external_order import (
    ExternalLine,
    ExternalOrder,
    ExternalTax,
    ExternalTotals,
)
from connector.reconciliation.mirror import MirroredLine, MirroredOrder, MirroredPayment
from connector.sd_documents.currency import round_amount
from connector.sd_documents.values import Money, Quantity
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.specs import (
    DeliveryRef,
    ManualCondition,
    OpenItemRef,
    Partner,
    PaymentSpec,
    SalesDocumentChange,
)
from tests.mutations.market import Market, Sale, SoldLine
from tests.mutations.money import GATEWAY, OutsideMoney
from tests.simulator.engine.support import billed, done, item, on, order, sold

CHANNEL = "shop"


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


class World:
    """One ERP with the outside around it; ``touched`` are the orders of what is posted since."""

    def __init__(self, erp: SimulatedErp) -> None:
        self.erp = erp
        self.orders: dict[str, MirroredOrder] = {}
        self.sales: list[Sale] = []
        self.outside = OutsideMoney()
        self.touched: set[str] = set()
        self._references = 0

    @property
    def today(self) -> date:
        return self.erp.today

    def go_to(self, day: date) -> None:
        if day > self.today:
            on(self.erp, day.isoformat())

    def does(self, operation: str, *args: Any, **kwargs: Any) -> Any:
        return done(self.erp, operation, *args, **kwargs)

    # -- selling ---------------------------------------------------------------------------------

    def sells(self, market: Market, lines: Sequence[SoldLine], **header: Any) -> Sale:
        """Sell in the shop, and let the connector create the sales order."""
        sale = self.promises(market, lines)
        self.orders_in_erp(sale, **header)
        return sale

    def promises(self, market: Market, lines: Sequence[SoldLine]) -> Sale:
        """Sell in the shop alone."""
        sale = Sale(len(self.sales) + 1, market, self.today, tuple(lines))
        self.sales.append(sale)
        self.touched.add(sale.name)
        self.orders[sale.name] = MirroredOrder(
            order=external(sale), received_on=sale.on, ordered_on=sale.on, reference=sale.name
        )
        return sale

    def orders_in_erp(self, sale: Sale, *, linked: bool = True, **header: Any) -> str:
        """Create a sales order for *sale*, at its prices; return its number."""
        number = sold(self.erp, self.spec(sale, **header))
        if not sale.order:
            sale.order = number
        else:
            sale.further.append(number)
        if linked and sale.order == number:
            self.orders[sale.name] = replace(
                self.orders[sale.name],
                sales_documents=(number,),
                lines=links(sale),
            )
        return number

    def spec(self, sale: Sale, **header: Any) -> Any:
        """Return what the sales order of *sale* is created from."""
        market = sale.market
        currency = header.pop("currency", market.currency)
        conditions = header.pop("prices", None)
        if conditions is None:
            conditions = [
                ManualCondition("PR00", each.price, 10 * at, currency=currency)
                for at, each in enumerate(sale.lines, start=1)
            ]
        conditions = [*conditions, *header.pop("conditions", ())]
        return order(
            *(
                item(10 * at, each.material, each.quantity)
                for at, each in enumerate(sale.lines, start=1)
            ),
            partners=_partners(market),
            sales_organization=market.sales_organization or market.company_code,
            distribution_channel=market.distribution_channel,
            purchase_order_by_customer=header.pop("reference", sale.name),
            currency=currency,
            conditions=conditions,
            **header,
        )

    def delivers(
        self, sale: Sale, quantity: int | None = None, *, issue: bool = True, of: str = ""
    ) -> str:
        """Deliver all of an order, or *quantity* of its first item, and issue the goods."""
        self.touched.add(sale.name)
        number = of or sale.order
        ref = DeliveryRef(number, 10, Decimal(quantity)) if quantity else DeliveryRef(number)
        delivery: str = self.does("create_deliveries", [ref]).number
        if not of:
            sale.deliveries.append(delivery)
        else:
            sale.further.append(delivery)
        if issue:
            self.issues(delivery)
        return delivery

    def issues(self, delivery: str) -> None:
        self.does("confirm_delivery", delivery, post_goods_issue=True)

    def bills(self, sale: Sale, *sources: str) -> str:
        """Bill deliveries (the order itself without goods) together; return the invoice."""
        self.touched.add(sale.name)
        found = sources or (sale.deliveries if not sale.market.service else [sale.order])
        (number,) = billed(self.erp, *found)
        sale.invoices.append(number)
        sale.stage = "billed"
        return number

    def cancels(self, sale: Sale) -> None:
        """Cancel the newest invoice."""
        self.touched.add(sale.name)
        done_ = self.does("cancel_billing_document", sale.invoice)
        sale.further += done_.numbers
        sale.stage = "cancelled"

    def changes(self, sale: Sale, **change: Any) -> None:
        """Change the sales order."""
        self.touched.add(sale.name)
        self.does("change_sales_document", sale.order, SalesDocumentChange(**change))

    # -- paying ----------------------------------------------------------------------------------

    def receives(
        self,
        sale: Sale,
        amount: Decimal,
        *invoices: str,
        reference: str = "",
        customer: str = "",
        discount: Decimal | None = Decimal(0),
        **more: Any,
    ) -> str:
        """Post a receipt that settles *invoices*; on account without any. Returns its number."""
        self.touched.add(sale.name)
        market = sale.market
        spec = PaymentSpec(
            market.company_code,
            customer or market.pays,
            amount,
            more.pop("currency", market.currency),
            items=[OpenItemRef(number, cash_discount=discount) for number in invoices],
            reference=reference,
            **more,
        )
        number: str = self.does("post_incoming_payment_with_clearing", spec).number
        sale.receipts.append(number)
        return number

    def is_paid_in_shop(
        self, sale: Sale, amount: Decimal, reference: str = "", gateway: str = "invoice"
    ) -> str:
        """Note a payment that the channel reports; return its id, which receipts carry."""
        self.touched.add(sale.name)
        self._references += 1
        name = reference or f"P-{self._references:06d}"
        payment = MirroredPayment(
            payment_id=name,
            gateway=gateway,
            amount=Money(amount=amount, currency=sale.market.currency),
            paid_on=self.today,
            reference=name,
            company_code=sale.market.company_code,
        )
        known = self.orders[sale.name]
        self.orders[sale.name] = replace(known, payments=(*known.payments, payment))
        return name

    def pays_by_card(self, sale: Sale, *, posted: bool = True) -> str:
        """Pay all of a billed sale by card: the provider takes it, FI has it."""
        name = self.is_paid_in_shop(sale, sale.gross, gateway=GATEWAY)
        self.outside.charges(name, sale.gross, self.today)
        if posted:
            self.receives(sale, sale.gross, sale.invoice, reference=name)
            sale.stage = "paid by card"
        return name

    def pays_by_transfer(
        self, sale: Sale, amount: Decimal, *, posted: bool = True, names: str = "", **more: Any
    ) -> str:
        """Let *amount* enter the bank, naming the invoice, and post it; return the reference."""
        text = f"RE {(names or sale.invoice).lstrip('0')}"
        reference = self.outside.enters(amount, self.today, text, f"payer {sale.market.pays}")
        self.touched.add(sale.name)
        if posted:
            self.receives(sale, amount, sale.invoice, reference=reference, **more)
            sale.stage = "paid"
        return reference

    def pays_back(self, sale: Sale, amount: Decimal, of: str = "") -> str:
        """Refund in the shop, and through the provider where *of* names the charge."""
        self.touched.add(sale.name)
        self._references += 1
        name = f"R-{self._references:06d}"
        refund = MirroredPayment(
            name, GATEWAY, Money(amount=amount, currency=sale.market.currency), self.today
        )
        known = self.orders[sale.name]
        self.orders[sale.name] = replace(known, refunds=(*known.refunds, refund))
        if of:
            self.outside.pays_back(name, of, amount, self.today)
        return name

    # -- credits ---------------------------------------------------------------------------------

    def takes_back(self, sale: Sale, quantity: int) -> str:
        """Let goods of the first item come back; return the request for their credit."""
        self.touched.add(sale.name)
        market = sale.market
        spec = order(
            item(10, "", quantity, reference_document=sale.invoice, reference_item=10),
            document_type="RE",
            order_reason="101",
            partners=_partners(market),
            sales_organization=market.sales_organization or market.company_code,
            currency=market.currency,
        )
        request = sold(self.erp, spec)
        sale.further.append(request)
        return request

    def credits(self, sale: Sale, request: str) -> str:
        """Release a request and bill it; return the credit memo."""
        self.touched.add(sale.name)
        self.does("change_sales_document", request, SalesDocumentChange(billing_block=""))
        (credit,) = billed(self.erp, request)
        sale.further.append(credit)
        return credit

    def sells_otherwise(self, sale: Sale, lines: Iterable[SoldLine]) -> None:
        """Let the shop say other lines than those that were sent."""
        self.touched.add(sale.name)
        changed = replace(sale, lines=tuple(lines))
        known = self.orders[sale.name]
        self.orders[sale.name] = replace(known, order=external(changed), lines=links(changed))


def _partners(market: Market) -> list[Partner]:
    partners = [Partner("AG", market.customer)]
    return [*partners, Partner("PY", market.payer)] if market.payer else partners


def gross(market: Market, *lines: SoldLine) -> Decimal:
    """What *lines* cost the customer."""
    return Sale(0, market, date.min, lines).gross


def links(sale: Sale) -> tuple[MirroredLine, ...]:
    """Return which item of the sales order each line became."""
    return tuple(
        MirroredLine(
            str(at), 10 * at, Quantity(value=Decimal(each.quantity), unit=sale.market.unit)
        )
        for at, each in enumerate(sale.lines, start=1)
    )


def external(sale: Sale) -> ExternalOrder:
    """Return the order as the shop has it."""
    market = sale.market
    return ExternalOrder(
        channel=CHANNEL,
        external_id=sale.name,
        ordered_at=noon(sale.on),
        currency=market.currency,
        lines=tuple(
            ExternalLine(
                line_id=str(at),
                sku=each.material,
                quantity=Decimal(each.quantity),
                price=each.price,
                taxes=(
                    ExternalTax(
                        rate=market.rate,
                        amount=round_amount(each.net * market.rate, market.currency),
                    ),
                )
                if market.rate
                else (),
            )
            for at, each in enumerate(sale.lines, start=1)
        ),
        totals=ExternalTotals(grand_total=sale.gross),
    )
