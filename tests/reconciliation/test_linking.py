"""Records that one comparison or another holds against each other are in one part."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connector.mappings.external_order import (
    ExternalLine,
    ExternalOrder,
    ExternalPayment,
    ExternalPaymentKind,
)
from connector.ports.erp import OrderPayer, SalesOrderHead
from connector.reconciliation import linking
from connector.reconciliation.linking import Keys, components
from connector.reconciliation.mirror import MirroredOrder, MirroredPayment
from connector.reconciliation.rules import ReconciliationRules
from connector.sd_documents.billing_document import BillingDocument, BillingDocumentItem
from connector.sd_documents.delivery import Delivery, DeliveryItem
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem, ExchangeDifference
from connector.sd_documents.sales_document import PostedSalesDocument, PostedSalesDocumentItem
from connector.sd_documents.status import AccountingTransferStatus, Status
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import ItemReference, Money, Quantity
from connector.statements.model import BankLine, PayoutLine, PayoutLineKind
from tests.reconciliation.books import Books, line

DAY = date(2026, 3, 1)
RULES = ReconciliationRules()


def eur(amount: str = "119.00") -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def pieces() -> Quantity:
    return Quantity(value=Decimal(1), unit="PC")


def paid(payment_id: str, kind: ExternalPaymentKind) -> ExternalPayment:
    return ExternalPayment(
        payment_id=payment_id,
        kind=kind,
        gateway="card",
        amount=Decimal("119.00"),
        currency="EUR",
        paid_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def order(
    name: str = "1001",
    *,
    order_name: str = "",
    reference: str = "",
    numbers: tuple[str, ...] = (),
    billed: tuple[str, ...] = (),
    payments: tuple[ExternalPayment, ...] = (),
    mirrored: tuple[MirroredPayment, ...] = (),
) -> Keys:
    external = ExternalOrder(
        channel="shop",
        external_id=name,
        order_name=order_name,
        ordered_at=datetime(2026, 3, 1, tzinfo=UTC),
        currency="EUR",
        lines=(ExternalLine(line_id="1", quantity=Decimal(1)),),
        payments=payments,
    )
    return linking.keys_of_order(
        MirroredOrder(
            external,
            DAY,
            DAY,
            reference=reference,
            sales_documents=numbers,
            billing_documents=billed,
            payments=mirrored,
        )
    )


def payment(payment_id: str = "PAY", **more: Any) -> MirroredPayment:
    return MirroredPayment(payment_id, "card", eur(), DAY, **more)


def sales(number: str, category: C = C.SALES_ORDER, **more: Any) -> Keys:
    books = Books()
    books.sell("EXT", [line(1, "100.00")], "2026-03-01")
    known = books.sales[books.order("EXT", "2026-03-01")]
    refers_to = more.pop("refers_to", "")
    items: tuple[PostedSalesDocumentItem, ...] = known.items
    if refers_to:
        reference = ItemReference(category=C.INVOICE, document=refers_to, item_number=10)
        items = tuple(item.model_copy(update={"reference": reference}) for item in items)
    document: PostedSalesDocument = known.model_copy(
        update={
            "number": number,
            "category": category,
            "purchase_order_by_customer": more.get("reference", ""),
            "items": items,
        }
    )
    return linking.keys_of_sales_document(document)


def delivery(number: str, of: str) -> Keys:
    before = ItemReference(category=C.SALES_ORDER, document=of, item_number=10)
    item = DeliveryItem(
        item_number=10,
        material="M",
        delivery_quantity=pieces(),
        picked_quantity=pieces(),
        preceding=before,
        picking_status=Status.COMPLETELY,
        goods_movement_status=Status.COMPLETELY,
        billing_status=Status.COMPLETELY,
    )
    return linking.keys_of_delivery(
        Delivery(
            number=number,
            category=C.DELIVERY,
            ship_to_party="1",
            shipping_point="1000",
            document_date=DAY,
            items=(item,),
        )
    )


def billing(number: str = "90", of: str = "SO", after: str = "DL", **more: Any) -> Keys:
    item = BillingDocumentItem(
        item_number=10,
        material="M",
        billing_quantity=pieces(),
        net_amount=eur("100.00"),
        tax_amount=eur("19.00"),
        preceding=ItemReference(category=C.DELIVERY, document=after, item_number=10),
        sales_document=of,
        sales_document_item=10,
    )
    return linking.keys_of_billing_document(
        BillingDocument(
            number=number,
            category=C.INVOICE,
            billing_document_type="F2",
            billing_date=DAY,
            company_code="1000",
            payer="1",
            sold_to_party="1",
            currency="EUR",
            items=(item,),
            accounting_transfer_status=AccountingTransferStatus.NOT_RELEVANT,
            **more,
        )
    )


def link(before: str, after: str, categories: tuple[C, C] = (C.DELIVERY, C.INVOICE)) -> Keys:
    one, other = (
        ItemReference(category=category, document=document, item_number=10)
        for category, document in zip(categories, (before, after), strict=True)
    )
    return linking.keys_of_link(FlowLink(preceding=one, subsequent=other, quantity=pieces()))


def fi(number: str = "14", amount: str = "119.00", kind: str = "DZ", **more: Any) -> Keys:
    year = more.pop("year", 2026)
    item = CustomerItem(
        key=AccountingDocumentKey(
            company_code="1000", accounting_document=number, fiscal_year=year
        ),
        line_item=1,
        document_type=kind,
        customer=more.pop("customer", "1"),
        amount=eur(amount),
        posting_date=DAY,
        document_date=DAY,
        entry_date=DAY,
        baseline_date=DAY,
        **more,
    )
    return linking.keys_of_item(item, RULES)


def bank(reference: str = "B", text: str = "", amount: str = "119.00", **more: Any) -> Keys:
    return linking.keys_of_bank_line(
        BankLine(
            bank_account="DE1",
            bank_reference=reference,
            statement="S",
            position=1,
            booking_date=DAY,
            value_date=DAY,
            amount=eur(amount),
            remittance=(text,) if text else (),
            **more,
        )
    )


def payout_line(kind: PayoutLineKind = PayoutLineKind.CHARGE, **more: Any) -> Keys:
    line_id = more.pop("line_id", "txn_1")
    return linking.keys_of_payout_line(
        "stripe",
        "po_1",
        PayoutLine(
            line_id=line_id,
            kind=kind,
            gross=eur(),
            fee=eur("0.00"),
            net=eur(),
            happened_on=DAY,
            **more,
        ),
    )


KNOWN = AccountingDocumentKey(company_code="1000", accounting_document="14", fiscal_year=2026)
REFUNDED = ExternalPaymentKind.REFUNDED

TOGETHER = {
    "an order and its sales order": (order(numbers=("4711",)), sales("4711")),
    "an order and its invoice": (order(billed=("90",)), billing("90")),
    "an order and sales orders with its reference": (
        order(reference="PO-1"),
        sales("4711", reference="PO-1"),
    ),
    "an order and what was found under its reference": (
        order(reference="PO-1"),
        linking.keys_of_search("PO-1", ()),
    ),
    "two orders with one reference": (order("1", reference="PO"), order("2", reference="PO")),
    "a search and the sales order that it found": (
        linking.keys_of_search("PO-1", ("4711",)),
        sales("4711"),
    ),
    "an order and its number that does not exist": (
        order(numbers=("4711",)),
        linking.keys_of_number("4711"),
    ),
    "a sales order and its payer": (
        sales("4711"),
        linking.keys_of_payer(OrderPayer("4711", 0, "1")),
    ),
    "a sales order that nobody knows and its head": (
        sales("4711"),
        linking.keys_of_orphan(SalesOrderHead("4711", "PO", "1", DAY)),
    ),
    "a sales order and its delivery": (sales("4711"), delivery("80", "4711")),
    "a sales order and its invoice": (sales("4711"), billing("90", of="4711")),
    "a delivery and its invoice": (delivery("80", "4711"), billing("90", after="80")),
    "a returns order and the invoice that it refers to": (
        sales("60", C.RETURNS_ORDER, refers_to="90"),
        billing("90"),
    ),
    "an invoice and its cancellation": (
        billing("90"),
        billing("91", of="other", after="another", cancelled_document="90"),
    ),
    "an invoice and the link that leads to it": (billing("90"), link("80", "90")),
    "a delivery and the link that leads from it": (delivery("80", "4711"), link("80", "90")),
    "a delivery and the link to its goods movement": (
        delivery("80", "4711"),
        link("80", "49", (C.DELIVERY, C.GOODS_MOVEMENT)),
    ),
    "a returns order, by a link, and what it refers to": (
        billing("90"),
        link("90", "60", (C.INVOICE, C.RETURNS_ORDER)),
    ),
    "an invoice and its FI line": (billing("90"), fi(billing_document="90")),
    "an invoice and its FI document": (billing("90", accounting_document="14"), fi("14")),
    "an invoice and an FI line with its number as reference": (billing("0090"), fi(reference="90")),
    "an invoice and an FI line with its number as assignment": (
        billing("0090"),
        fi(assignment="90"),
    ),
    "an invoice and an FI line with its order as assignment": (
        billing("90", of="0000004711"),
        fi(assignment="4711"),
    ),
    "an invoice and an FI line with its delivery as assignment": (
        billing("90", after="0080"),
        fi(assignment="80"),
    ),
    "a sales order and an FI line with its reference, cut, as assignment": (
        sales("4711", reference="A-VERY-LONG-PURCHASE-ORDER"),
        fi(assignment="A-VERY-LONG-PURCHA"),
    ),
    "two lines of one FI document": (fi("14"), fi("14")),
    "a cleared line and its clearing document": (fi("14", clearing_document="15"), fi("15")),
    "two lines of one clearing": (
        fi("14", clearing_document="16"),
        fi("15", clearing_document="16"),
    ),
    "a partial payment and its invoice": (fi("14", invoice_reference="15"), fi("15")),
    "an invoice's number with zeros and without": (
        fi("14", invoice_reference="15"),
        fi("0000000015"),
    ),
    "a rest and the invoice by its billing number": (fi(billing_document="90"), billing("90")),
    "a clearing and what it realised": (
        fi("14"),
        linking.keys_of_exchange(
            ExchangeDifference(key=KNOWN, account="1", currency="USD", amount=eur())
        ),
    ),
    "an order and the receipt of its payment": (
        order(mirrored=(payment(accounting_document=KNOWN),)),
        fi("14"),
    ),
    "an order and a receipt with its payment's reference": (
        order(mirrored=(payment(reference="PAY-1"),)),
        fi(reference="PAY-1"),
    ),
    "an order and a charge of its payment": (
        order(payments=(paid("ch_1", ExternalPaymentKind.RECEIVED),)),
        payout_line(charge_id="ch_1"),
    ),
    "an order and a charge of its payment as mirrored": (
        order(mirrored=(payment("ch_1"),)),
        payout_line(charge_id="ch_1"),
    ),
    "an order and a line of its refund": (
        order(payments=(paid("re_1", REFUNDED),)),
        payout_line(PayoutLineKind.REFUND, charge_id="re_1"),
    ),
    "an order and a line with its id": (order("1001"), payout_line(order_reference="#1001")),
    "an order and a line with its name": (
        order("77", order_name="#1001"),
        payout_line(order_reference="1001"),
    ),
    "an order and a line with its reference": (
        order(reference="PO-1"),
        payout_line(order_reference="PO-1"),
    ),
    "two disputes of one charge": (
        payout_line(PayoutLineKind.DISPUTE, charge_id="ch", line_id="1"),
        payout_line(PayoutLineKind.DISPUTE, charge_id="ch", line_id="2"),
    ),
    "a bank line and an FI line with its reference": (
        bank("A-BANK-REFERENCE-OF-MORE-THAN-SIXTEEN"),
        fi(assignment="ABANKREFERENCEOFMORETHANSIXTEEN"),
    ),
    "a bank line and an FI line with its end-to-end id": (
        bank(end_to_end_id="E77"),
        fi(assignment="E77"),
    ),
    "a bank line and the receipt that it is posted under": (
        bank("A-BANK-REFERENCE-OF-MORE-THAN-SIXTEEN"),
        fi(reference="BL9A57C02693B1FC"),
    ),
    "a bank line and the invoice that it names": (bank(text="RE 9000 0014"), fi("0090000014")),
    "a bank line and the billing document that it names": (
        bank(text="invoice 90000014"),
        fi("1", billing_document="0090000014"),
    ),
    "a bank line and the sales order that it names": (bank(text="order 4711"), sales("0000004711")),
    "a bank line and the purchase order that it names": (
        bank(text="for PO-4711"),
        sales("1", reference="PO-4711"),
    ),
    "a bank line and a partial payment of the invoice that it names": (
        bank(text="invoice 90000014"),
        fi("1", "-10.00", invoice_reference="0090000014"),
    ),
    "a debit and a credit of its amount of the customer that it names": (
        bank(text="customer 4000", amount="-119.00"),
        fi(amount="-119.00", customer="0000004000"),
    ),
    "a debit and an outgoing payment of its amount to the customer that it names": (
        bank(text="customer 4000", amount="-118.00"),
        fi(amount="118.00", customer="0000004000"),
    ),
    "a debit and an outgoing payment of its amount": (
        bank(text="ORD", amount="-118.00"),
        fi(amount="118.00", kind="ZP"),
    ),
    "two bank lines that say the same": (bank("B-1", "thx"), bank("B-2", "thx")),
}

APART = {
    "FI documents of one number in two years": (fi("14"), fi("14", year=2025)),
    "an invoice and the clearing of another year": (
        fi("14", clearing_document="15", clearing_year=2027),
        fi("15"),
    ),
    "lines with one assignment that nobody asks for": (
        fi("14", assignment="20260301"),
        fi("15", assignment="20260301"),
    ),
    "orders of one frame contract": (
        link("40", "4711", (C.CONTRACT, C.SALES_ORDER)),
        link("40", "4712", (C.CONTRACT, C.SALES_ORDER)),
    ),
    "deliveries with one number of a goods movement in two years": (
        link("80", "49", (C.DELIVERY, C.GOODS_MOVEMENT)),
        link("81", "49", (C.DELIVERY, C.GOODS_MOVEMENT)),
    ),
    "invoices with one number of an FI document in two years": (
        link("90", "14", (C.INVOICE, C.ACCOUNTING_DOCUMENT)),
        link("91", "14", (C.INVOICE, C.ACCOUNTING_DOCUMENT)),
    ),
    "lines of one payout": (payout_line(line_id="1"), payout_line(line_id="2")),
    "a payment's reference and an invoice of that number": (
        order(mirrored=(payment(reference="4711"),)),
        fi(reference="4711", kind="RV"),
    ),
    "bank lines that say different things": (bank("B-1", "one"), bank("B-2", "two")),
}


def parts(*records: Keys) -> list[list[int]]:
    return components(enumerate(records))


@pytest.mark.parametrize("pair", TOGETHER.values(), ids=TOGETHER)
def test_what_is_looked_up_by_one_another_is_in_one_part(pair: tuple[Keys, Keys]) -> None:
    assert parts(*pair) == [[0, 1]]
    assert parts(*reversed(pair)) == [[0, 1]]


@pytest.mark.parametrize("pair", APART.values(), ids=APART)
def test_what_nobody_looks_up_stays_apart(pair: tuple[Keys, Keys]) -> None:
    assert parts(*pair) == [[0], [1]]


def test_who_seeks_a_key_brings_all_together_that_hold_it() -> None:
    lines = [fi(str(number), assignment="90") for number in (14, 15, 16)]

    assert parts(*lines, billing("90"), fi("17")) == [[0, 1, 2, 3], [4]]


def test_parts_and_what_is_in_them_keep_the_order_of_the_records() -> None:
    records = [order(str(n), numbers=(str(n % 3),)) for n in range(9)]

    assert parts(*records) == [[0, 3, 6], [1, 4, 7], [2, 5, 8]]
