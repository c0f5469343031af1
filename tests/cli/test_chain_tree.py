"""A chain is drawn as a tree: documents below what they were made from, money where it belongs."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from rich.console import Console

from connector.cli.chain_json import chain_json
from connector.cli.chain_tree import chain_tree
from connector.mappings.external_order import ExternalOrder
from connector.ports.store_records import Flow, FlowView, Hold
from connector.sd_documents.billing_document import BillingDocument, BillingDocumentItem
from connector.sd_documents.delivery import Delivery, DeliveryItem
from connector.sd_documents.document_flow import FlowLink
from connector.sd_documents.payment import AccountingDocumentKey, CustomerItem
from connector.sd_documents.status import AccountingTransferStatus, Status
from connector.sd_documents.values import DocumentCategory, ItemReference, Money, Quantity

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
DAY = date(2026, 3, 4)
ORDER, INVOICE = "0000000001", "0090000001"


def eur(amount: str) -> Money:
    return Money(amount=Decimal(amount), currency="EUR")


def pieces(value: int) -> Quantity:
    return Quantity(value=Decimal(value), unit="PC")


def reference(category: DocumentCategory, document: str, item: int = 10) -> ItemReference:
    return ItemReference(category=category, document=document, item_number=item)


def link(preceding: ItemReference, subsequent: ItemReference, quantity: int = 5) -> FlowLink:
    return FlowLink(
        preceding=preceding, subsequent=subsequent, quantity=pieces(quantity), created_on=DAY
    )


def delivery(number: str) -> Delivery:
    item = DeliveryItem(
        item_number=10,
        material="M-01",
        delivery_quantity=pieces(5),
        picked_quantity=pieces(5),
        preceding=reference(DocumentCategory.SALES_ORDER, ORDER),
        picking_status=Status.COMPLETELY,
        goods_movement_status=Status.NOT_YET,
        billing_status=Status.PARTIALLY,
    )
    return Delivery(
        number=number,
        category=DocumentCategory.DELIVERY,
        ship_to_party="0000001000",
        shipping_point="1000",
        document_date=DAY,
        items=(item,),
    )


def invoice() -> BillingDocument:
    item = BillingDocumentItem(
        item_number=10,
        material="M-01",
        billing_quantity=pieces(10),
        net_amount=eur("100.00"),
        tax_amount=eur("19.00"),
        preceding=reference(DocumentCategory.DELIVERY, "0080000001"),
        sales_document=ORDER,
        sales_document_item=10,
    )
    return BillingDocument(
        number=INVOICE,
        category=DocumentCategory.INVOICE,
        billing_document_type="F2",
        billing_date=DAY,
        company_code="1000",
        payer="0000001000",
        sold_to_party="0000001000",
        currency="EUR",
        items=(item,),
        accounting_transfer_status=AccountingTransferStatus.POSTED,
        accounting_document=INVOICE,
    )


def line(document: str, amount: str, **changes: object) -> CustomerItem:
    values = {
        "key": AccountingDocumentKey(
            company_code="1000", accounting_document=document, fiscal_year=2026
        ),
        "line_item": 1,
        "document_type": "DZ",
        "customer": "0000001000",
        "amount": eur(amount),
        "posting_date": DAY,
        "document_date": DAY,
        "entry_date": DAY,
        "baseline_date": DAY,
        "net_days": 30,
        **changes,
    }
    return CustomerItem.model_validate(values)


def view(items: Sequence[CustomerItem] = (), holds: Sequence[Hold] = ()) -> FlowView:
    first = reference(DocumentCategory.DELIVERY, "0080000001")
    second = reference(DocumentCategory.DELIVERY, "0080000002")
    billed = reference(DocumentCategory.INVOICE, INVOICE)
    posted = reference(DocumentCategory.ACCOUNTING_DOCUMENT, INVOICE, 1)
    moved = reference(DocumentCategory.GOODS_MOVEMENT, "4900000001", 1)
    return FlowView(
        flow=Flow(
            id=1,
            channel="shop",
            external_id="E1",
            order_name="#1",
            plan="standard",
            reference="SHOP-E1",
            version=1,
            checked_version=1,
            writes=0,
            mirrored_writes=0,
            wakes=0,
            created_at=NOW,
            due_at=None,
            closed_at=None,
        ),
        order=ExternalOrder(
            channel="shop", external_id="E1", ordered_at=NOW, currency="EUR", lines=()
        ),
        holds=tuple(holds),
        deliveries=(delivery("0080000001"), delivery("0080000002")),
        billing_documents=(invoice(),),
        items=tuple(items),
        links=(
            link(first, billed),
            link(second, billed),
            link(first, moved),
            link(billed, posted),
        ),
    )


def drawn(flow_view: FlowView) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    console.print(chain_tree(flow_view))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def the_line_with(text: str, lines: list[str]) -> str:
    (found,) = [each for each in lines if text in each]
    return found


def test_an_invoice_for_two_deliveries_is_drawn_once_and_pointed_at() -> None:
    lines = drawn(view())

    assert sum("Invoice 90000001" in each for each in lines) == 2
    assert "(see above)" in the_line_with("Invoice 90000001 (", lines)


def test_goods_movements_stand_before_the_invoice() -> None:
    lines = drawn(view())

    moved = lines.index(the_line_with("Goods issue 4900000001", lines))
    billed = lines.index(the_line_with("119.00 EUR (net 100.00 EUR, tax 19.00 EUR)", lines))
    assert moved < billed


def test_an_open_item_says_when_it_is_due() -> None:
    lines = drawn(view([line(INVOICE, "119.00", billing_document=INVOICE)]))

    assert "open, due 2026-04-03" in the_line_with("Accounting document 90000001", lines)


def test_a_partial_payment_stands_at_its_invoice() -> None:
    paid = line("1400000001", "-19.00", invoice_reference=INVOICE)

    lines = drawn(view([line(INVOICE, "119.00", billing_document=INVOICE), paid]))

    assert "19.00 EUR" in the_line_with("Partial payment 1400000001", lines)


def test_money_on_account_stands_at_the_order() -> None:
    lines = drawn(view([line("1400000002", "-50.00")]))

    found = the_line_with("Payment on account 1400000002", lines)
    assert "50.00 EUR" in found
    assert found.startswith("\u2514")


def test_a_hold_stands_first() -> None:
    hold = Hold(
        id=1,
        flow_id=1,
        step_id=None,
        reason="UNKNOWN_SKU",
        message="add a row and retry",
        heals=True,
        opened_at=NOW,
    )

    lines = drawn(view(holds=[hold]))

    assert "HELD UNKNOWN_SKU: add a row and retry" in lines[1]


def test_amounts_in_json_are_text_without_separators() -> None:
    item = line(INVOICE, "1190.00", billing_document=INVOICE)

    found = chain_json(view([item]))

    assert found["open_items"][0]["amount"] == "1190.00 EUR"
    assert found["documents"][0]["items"][0]["delivery_quantity"] == "5 PC"
