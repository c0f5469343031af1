"""Worked cases C10, C13, C15 and C16 in the joint books: money twice, ageing, dealers, services."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from connector.simulator.engine.down_payments import DownPaymentSpec
from connector.simulator.engine.dunning import CustomerLineChange
from connector.simulator.engine.specs import OpenItemRef
from tests.scenarios.joint.cases_of_trade import order, transfer
from tests.scenarios.joint.story import Story
from tests.scenarios.portal_orders import line
from tests.simulator.engine.support import done


def c10(story: Story) -> None:
    """A bank line that is delivered twice, a payment that is made twice, and its use in May."""
    lines = [line("10", "M-01", "10", price="100.00")]
    story.sends("2026-03-02", "wholesale",
                order("WS-1010", "2026-03-02", lines, "1190.00", "190.00"))  # fmt: skip
    story.bills("2026-03-02", "2026-05-12")

    def remitted(reference: str) -> None:
        invoice = story.invoice_of("WS-1010")
        story.bank.credits("1000", "1190.00", reference, invoice)

    # Another invoice of the payer is open over the same amount (C05): none of it may go there.
    story.at("2026-03-10", lambda: remitted("BANKREF-1"))
    story.at("2026-03-11", lambda: story.bank.again("1000"))
    story.at("2026-03-11", lambda: remitted("BANKREF-2"))
    later = [line("10", "M-02", "30", price="25.00")]
    story.sends("2026-05-12", "wholesale",
                order("WS-1011", "2026-05-12", later, "892.50", "142.50"))  # fmt: skip

    def used() -> None:
        story.clears("used", "1000", "C-100", story.invoice_of("WS-1011"),
                     story.receipt_of("BANKREF-2"), residual=True)  # fmt: skip

    story.later_at("2026-05-12", used)


#: Name, day of the invoice, net price and amount of each of the sales of C13.
AGED = (
    ("106", "2026-02-28", "756.30", "900.00"),
    ("105", "2026-04-30", "", "700.00"),
    ("104", "2026-05-01", "420.17", "500.00"),
    ("109", "2026-05-20", "210.08", "250.00"),
    ("103", "2026-05-30", "252.10", "300.00"),
    ("102", "2026-05-31", "1680.67", "2000.00"),
    ("101", "2026-06-15", "840.34", "1000.00"),
    ("110", "2026-07-01", "100.84", "120.00"),
)


def c13(story: Story) -> None:
    """Twelve items of one payer, of all ages, sold, credited and paid on their days."""
    for name, day, net, gross in AGED:
        lines = [line("10", "M-61", "1", price=net)]
        if name == "105":  # no net amount at 19 % comes to 700.00
            net, lines = "654.21", [line("10", "M-62", "1", price="654.21")]
        if name == "101":  # the second line is what is credited
            lines = [
                line("10", "M-61", "1", price="756.31"),
                line("20", "M-61", "1", price="84.03"),
            ]
        tax = str(Decimal(gross) - Decimal(net))
        sold = order(f"PO-13{name}", day, lines, gross, tax, customer="C-130")
        story.sends(day, "portal", sold)
        story.bills(day)
        if name == "105":
            part = transfer("BANK-1305", "200.00", "2026-05-30", rest="partial")
            story.sends("2026-05-30", "portal", {**sold, "payments": [part]})
            story.transfers("2026-05-30", "1000", "200.00", "PO-13105")
        if name == "109":
            paid = transfer("BANK-1309", "250.00", "2026-07-02")
            story.sends("2026-07-02", "portal", {**sold, "payments": [paid]})
            story.transfers("2026-07-02", "1000", "250.00", "PO-13109")
        if name == "101":
            _credit(story, sold)
    story.later_at(
        "2026-06-20", lambda: story.posts("C13 credit", "-150.00", "C-130", "DG",
                                          baseline_date=story.books.today)
    )  # fmt: skip
    story.releases["BANKREF-13"] = {"payer": "C-130"}
    story.at("2026-06-25", lambda: story.bank.credits("1000", "400.00", "BANKREF-13", "advance"))


def _credit(story: Story, sold: dict[str, Any]) -> None:
    """Let the shop grant a credit for the second line on the day of the sale."""
    back = {
        "id": "R13",
        "kind": "credit",
        "at": "2026-06-15T09:00:00+01:00",
        "lines": [{"id": "20", "quantity": "1"}],
    }
    credited = {**sold, "returns": [back], "updated_at": "2026-06-15T15:00:00+01:00"}
    story.later_at("2026-06-15", lambda: story.books.send("portal", credited))
    story.later_at("2026-06-15", story.settle)
    story.later_at("2026-06-15", lambda: story.releases_block("PO-13101"))


DEALER = {"customer": "D-01", "currency": "CNY"}


def c15(story: Story) -> None:
    """A dealer prepays; two vehicles use it up. Another one pays down, on an account apart."""
    paid = {"company_code": "4000"}
    story.at("2026-05-02", lambda: story.pays("prepaid", "D-01", "200000", "CNY",
                                              reference="CNREF-1", **paid))  # fmt: skip
    story.credits("2026-05-02", "4000", "200000.00", "CNREF-1", "D01 prepayment")
    story.at("2026-05-11", lambda: story.pays("top-up", "D-01", "26000", "CNY",
                                              reference="CNREF-2", **paid))  # fmt: skip
    story.credits("2026-05-11", "4000", "26000.00", "CNREF-2", "D01 top-up")
    for name, day, customer in (
        ("DL-1501", "2026-05-06", "D-01"),
        ("DL-1502", "2026-05-13", "D-01"),
        ("DL-1503", "2026-05-18", "D-02"),
    ):
        vehicle = [line("10", "CNY-01", "1", price="100000.00")]
        more = {"customer": customer, "currency": "CNY"}
        story.sends(day, "dealers", order(name, day, vehicle, "113000.00", "13000.00", **more))
        story.bills(day)
    story.later_at("2026-05-06", lambda: story.clears(
        "rest", "4000", "D-01", story.invoice_of("DL-1501"), story.known["prepaid"],
        residual=True))  # fmt: skip
    story.later_at("2026-05-13", lambda: story.clears(
        "second", "4000", "D-01", story.invoice_of("DL-1502"), story.known["rest"],
        story.known["top-up"]))  # fmt: skip
    apart = {**paid, "special_gl": "A", "reference": "CNREF-3"}
    story.at("2026-05-15", lambda: story.pays("down payment", "D-02", "50000", "CNY", **apart))
    story.credits("2026-05-15", "4000", "50000.00", "CNREF-3", "D02 down payment")
    story.later_at("2026-05-19", lambda: _use_down_payment(story))


def _use_down_payment(story: Story) -> None:
    invoice = OpenItemRef(story.invoice_of("DL-1503"))
    used = [OpenItemRef(story.known["down payment"])]
    done(story.erp, "clear_down_payments", DownPaymentSpec("4000", "D-02", invoice, used))


def c16(story: Story) -> None:
    """Service hours, and a ship of which the first milestone is due; neither is delivered."""
    hours = [{**line("10", "SV-16", "16", price="150.00"), "unit": "H"}]
    story.sends("2026-05-20", "services",
                order("SE-1601", "2026-05-20", hours, "2544.00", "144.00", **DEALER))  # fmt: skip
    lines = [line("10", "SH-16", "1", price="1000000.00")]
    ship = order("MI-1602", "2026-05-21", lines, "1130000.00", "130000.00", **DEALER)
    story.sends("2026-05-21", "milestones", ship)
    story.bills("2026-05-20", "2026-05-21")


def dunning_block(story: Story, document: str) -> None:
    """Let somebody block an item for dunning."""
    change = CustomerLineChange(dunning_block="A")
    done(story.erp, "change_customer_line", "1000", document, change)
