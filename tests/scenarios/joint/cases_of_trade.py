"""Worked cases C01 to C07 in the joint books: goods, returns, currencies, taxes and payers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from connector.resources import shipped
from connector.simulator.engine.specs import DeliveryRef
from tests.scenarios.joint.story import Story
from tests.scenarios.portal_orders import line, portal_order


def transfer(name: str, amount: str, day: str, **more: str) -> dict[str, str]:
    """Return a bank transfer that the shop was told of."""
    return {
        "id": name,
        "method": "transfer",
        "amount": amount,
        "received_at": f"{day}T07:00:00+01:00",
        **more,
    }


def order(
    name: str, day: str, lines: Sequence[Any], gross: str, tax: str, **more: Any
) -> dict[str, Any]:
    """Return an order of customer C-100 that is to be delivered on its day."""
    fields = {"customer": "C-100", "requested_delivery_date": day, **more}
    return portal_order(name, lines, ordered_on=day, totals={"tax": tax, "gross": gross}, **fields)


def c01(story: Story) -> None:
    """Quotation, two deliveries, one collective invoice of 11,900.00, paid less 2 %."""
    file = shipped("fixtures/orders/portal/presales-c01/order.json")
    sold = json.loads(file.read_text("utf-8"))
    if story.books.profile != "ecc":  # the service takes a day for each schedule line, no more
        for each in sold["lines"][0]["schedule"]:
            del each["available_on"], each["issue_on"]
    story.sends("2026-01-02", "presales", {**sold, "payments": []})
    story.bills("2026-01-15")
    story.sends("2026-01-28", "presales", sold)
    story.transfers("2026-01-28", "1000", "11662.00", "EXT-1001")


def c02(story: Story) -> None:
    """104 of 100 are delivered and billed; the customer pays for 100."""
    lines = [line("10", "M-02", "100", price="25.00")]
    sold = order("WH-2002", "2026-02-02", lines, "2975.00", "475.00",
                 requested_delivery_date="2026-02-03")  # fmt: skip
    story.sends("2026-02-02", "warehouse", sold)
    story.at("2026-02-03", lambda: _deliver(story, "WH-2002", "104"))
    story.bills("2026-02-04")
    paid = [transfer("BANK-2", "2975.00", "2026-03-01")]
    story.sends("2026-03-01", "warehouse", {**sold, "payments": paid})
    story.transfers("2026-03-01", "1000", "2975.00", "WH-2002")


def _deliver(story: Story, name: str, quantity: str) -> None:
    with story.erp.session("warehouse") as session:
        [sales_order] = story.books.view(name).sales_documents
        ref = DeliveryRef(sales_order.number, 10, Decimal(quantity))
        made = session.create_deliveries([ref])
        assert made.accepted, made.messages
        session.commit()
        session.confirm_delivery(made.number, post_goods_issue=True)
        session.commit()


def c03(story: Story) -> None:
    """Three of ten come back; the payment is net of the credit memo."""
    lines = [line("10", "M-03", "10", price="80.00")]
    sold = order("RT-3003", "2026-02-09", lines, "952.00", "152.00")
    back = {
        "id": "R1",
        "kind": "goods",
        "at": "2026-02-16T09:00:00+01:00",
        "reason": "damaged",
        "lines": [{"id": "10", "quantity": "3"}],
    }
    story.sends("2026-02-09", "returns", sold)
    story.bills("2026-02-10", "2026-02-20")
    story.sends("2026-02-16", "returns", {**sold, "returns": [back]})
    story.at("2026-02-18", lambda: _take_back(story))
    story.at("2026-02-20", lambda: story.releases_block("RT-3003"))
    paid = [transfer("BANK-3", "666.40", "2026-03-10")]
    story.sends("2026-03-10", "returns", {**sold, "returns": [back], "payments": paid})
    story.transfers("2026-03-10", "1000", "666.40", "RT-3003")


def _take_back(story: Story) -> None:
    """Let the warehouse take the goods back where the connector cannot."""
    if story.books.profile == "ecc":
        return
    with story.erp.session("warehouse") as session:
        made = session.create_deliveries([DeliveryRef(story.correction("RT-3003"))])
        session.commit()
        session.confirm_delivery(made.number, post_goods_issue=True)
        session.commit()


def c04(story: Story) -> None:
    """Yen without decimals, paid; dinars with three, open."""
    yen = [
        line("10", "JPY-01", "3", price="333"),
        line("20", "JPY-01", "7", price="12345", price_per="100"),
    ]
    sold = order("PO-4001", "2026-02-16", yen, "2049", "186", customer="JP-400", currency="JPY")
    story.sends("2026-02-16", "portal", sold)
    paid = [transfer("BANK-4", "2049", "2026-02-27")]
    story.sends("2026-02-27", "portal", {**sold, "payments": paid})
    story.transfers("2026-02-27", "2000", "2049", "PO-4001")
    dinars = [
        line("10", "KWD-01", "7", price="1.235"),
        {**line("20", "KWD-02", "333", price="12.345", price_per="100"), "unit": "KG"},
    ]
    more = {"customer": "KW-400", "currency": "KWD"}
    owed = order("PO-4002", "2026-02-16", dinars, "49.754", "0.000", **more)
    story.sends("2026-02-16", "portal", owed)
    story.bills("2026-02-16")


def c05(story: Story) -> None:
    """1,190.00 in part, with a residual item, and the rest."""
    lines = [line("10", "M-01", "10", price="100.00")]
    sold = order("PO-5005", "2026-03-01", lines, "1190.00", "190.00")
    story.sends("2026-03-01", "portal", sold)
    story.bills("2026-03-01")
    paid: list[dict[str, str]] = []
    for name, amount, day, rest in (
        ("BANK-51", "400.00", "2026-03-20", "partial"),
        ("BANK-52", "500.00", "2026-04-10", "residual"),
        ("BANK-53", "290.00", "2026-04-25", ""),
    ):
        paid = [*paid, transfer(name, amount, day, rest=rest)]
        story.sends(day, "portal", {**sold, "payments": paid})
        story.transfers(day, "1000", amount, "PO-5005")


def c06(story: Story) -> None:
    """The shop rounds tax by line, the ERP by rate: opposite cents, and 205.10 both ways."""
    lines = [
        {**line(number, material, quantity, price=price), "taxes": [{"rate": rate, "amount": tax}]}
        for number, material, quantity, price, rate, tax in (
            ("10", "M-61", "3", "9.24", "0.19", "5.27"),
            ("20", "M-61", "7", "7.91", "0.19", "10.52"),
            ("30", "M-61", "7", "2.87", "0.19", "3.82"),
            ("40", "M-62", "7", "3.43", "0.07", "1.68"),
            ("50", "M-62", "7", "7.56", "0.07", "3.70"),
        )
    ]
    sold = order("PO-6006", "2026-03-05", lines, "205.10", "24.99")
    story.sends("2026-03-05", "portal", sold)
    story.bills("2026-03-05")
    paid = [transfer("BANK-6", "205.10", "2026-03-06")]
    story.sends("2026-03-06", "portal", {**sold, "payments": paid})
    story.transfers("2026-03-06", "1000", "205.10", "PO-6006")


def c07(story: Story) -> None:
    """One order, one delivery, two payers with an invoice each; nobody pays."""
    lines = [
        line("10", "M-07", "40", price="12.50", payer="P-701"),
        line("20", "M-07", "60", price="12.50", payer="P-702"),
    ]
    sold = order("PO-7007", "2026-03-09", lines, "1487.50", "237.50", customer="S-700")
    story.sends("2026-03-09", "portal", sold)
    story.bills("2026-03-09")
