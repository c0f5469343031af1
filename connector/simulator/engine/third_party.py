"""
Third-party items: the customer orders from us, the vendor delivers to the customer.

Saving the sales order makes a purchase requisition per item; purchasing turns it into a purchase
order, which follows the item in the document flow. There is no delivery and no goods issue. What
may be billed follows the item category: all of it (relevance B), what the vendor has invoiced (F),
or what the vendor has delivered (G).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from connector.simulator.engine import money, posting
from connector.simulator.engine.keys import padded
from connector.simulator.engine.logistics_records import MaterialDocument, MaterialDocumentItem
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.master_records import InfoRecord
from connector.simulator.engine.outcome import Message, Outcome, RefusedError
from connector.simulator.engine.purchasing_records import (
    PurchaseEvent,
    PurchaseOrder,
    PurchaseOrderItem,
    PurchaseRequisition,
)
from connector.simulator.engine.sales_records import (
    FlowRow,
    SalesDocument,
    SalesItem,
    ScheduleLine,
)

ZERO = Decimal(0)
STEP = 10

#: Events of a purchase order item's history.
RECEIPT, INVOICE = "receipt", "invoice"
#: Billing relevance -> event whose quantity may be billed.
BILLED_AFTER = {"F": INVOICE, "G": RECEIPT}
#: Movement type of a goods receipt for a purchase order.
RECEIPT_MOVEMENT = "101"


def with_requisitions(
    work: UnitOfWork, document: SalesDocument, notes: list[Message]
) -> SalesDocument:
    """
    Return *document* with a requisition for each third-party item, buffered and kept up to date.

    A document that the credit check blocks asks for nothing yet. What is ordered from the vendor
    already stays as it is; a difference is a warning in *notes*.
    """
    categories = work.core.master.item_categories
    if not any(categories[item.item_category].third_party for item in document.items):
        return document
    items = []
    for item in document.items:
        if categories[item.item_category].third_party:
            items.append(_requested(work, document, item, notes))
        else:
            items.append(item)
    return replace(document, items=tuple(items))


def withdraw(work: UnitOfWork, item: SalesItem, notes: list[Message]) -> None:
    """Delete the requisitions of an item that is gone; what is ordered already is a warning."""
    for line in item.schedule_lines:
        requisition = work.requisition(line.requisition) if line.requisition else None
        if requisition is not None:
            _adjust(work, requisition, ZERO, line.requested_date, notes)


def _requested(
    work: UnitOfWork, document: SalesDocument, item: SalesItem, notes: list[Message]
) -> SalesItem:
    if item.rejection_reason or document.credit_status == "B":
        return item
    lines: list[ScheduleLine] = []
    for line in item.schedule_lines:
        known = work.requisition(line.requisition) if line.requisition else None
        if known is not None:
            _adjust(work, known, line.quantity, line.requested_date, notes)
            lines.append(line)
            continue
        number = work.number("purchasing", "BN")
        requisition = PurchaseRequisition(
            number=number,
            material=item.material,
            description=item.description,
            quantity=line.quantity,
            unit=item.sales_unit,
            plant=item.plant,
            company_code=document.company_code,
            delivery_date=_promised(work, item, line.requested_date),
            sales_document=document.number,
            sales_item=item.item_number,
            created_at=work.now,
            created_by=work.user,
        )
        work.put("requisition", number, requisition, created=True)
        lines.append(replace(line, requisition=number))
    return replace(item, schedule_lines=tuple(lines))


def _adjust(
    work: UnitOfWork,
    requisition: PurchaseRequisition,
    quantity: Decimal,
    wanted: date,
    notes: list[Message],
) -> None:
    if requisition.purchase_order:
        if quantity != requisition.quantity:
            notes.append(
                work.message("purchase order stays", requisition.purchase_order.lstrip("0"))
            )
        return
    changed = replace(
        requisition,
        quantity=quantity or requisition.quantity,
        delivery_date=max(wanted, work.today),
        deleted=not quantity,
    )
    if changed != requisition:
        work.put("requisition", requisition.number, changed)


def _promised(work: UnitOfWork, item: SalesItem, wanted: date) -> date:
    record = work.core.master.info_records.get(item.material)
    days = record.delivery_days if record is not None else 0
    return max(wanted, work.today + timedelta(days=days))


def order(work: UnitOfWork, numbers: Sequence[str]) -> Outcome:
    """Turn requisitions into purchase orders, see `Session.create_purchase_orders`."""
    groups: dict[tuple[str, str, str], list[tuple[PurchaseRequisition, InfoRecord]]] = {}
    for each in numbers:
        key = padded(each)
        requisition = work.requisition(key)
        if requisition is None or requisition.deleted or requisition.purchase_order:
            raise RefusedError(work.message("requisition not open", key.lstrip("0")))
        if work.lock("requisition", key) is not None:
            raise RefusedError(work.message("requisition not open", key.lstrip("0")))
        record = work.core.master.info_records.get(requisition.material)
        if record is None:
            raise RefusedError(work.message("vendor missing", requisition.material))
        place = (record.vendor, requisition.company_code, record.currency)
        groups.setdefault(place, []).append((requisition, record))
    orders = [_order(work, place, group) for place, group in groups.items()]
    rows = tuple(work.message("purchase order saved", each.number.lstrip("0")) for each in orders)
    return Outcome(rows, tuple(each.number for each in orders), tuple(orders))


def _order(
    work: UnitOfWork,
    place: tuple[str, str, str],
    group: list[tuple[PurchaseRequisition, InfoRecord]],
) -> PurchaseOrder:
    vendor, company_code, currency = place
    number = work.number("purchasing", "NB")
    items = []
    for position, (requisition, record) in enumerate(group, start=1):
        items.append(
            PurchaseOrderItem(
                item_number=position * STEP,
                material=requisition.material,
                description=requisition.description,
                quantity=requisition.quantity,
                unit=requisition.unit,
                net_price=record.price / record.per,
                plant=requisition.plant,
                requisition=requisition.number,
                sales_document=requisition.sales_document,
                sales_item=requisition.sales_item,
                delivery_date=requisition.delivery_date,
            )
        )
        ordered = replace(requisition, purchase_order=number, purchase_order_item=position * STEP)
        work.put("requisition", requisition.number, ordered)
        work.put_flow(_flow_row(work, ordered, record))
    order_ = PurchaseOrder(
        number=number,
        vendor=vendor,
        company_code=company_code,
        currency=currency,
        document_date=work.today,
        items=tuple(items),
        created_at=work.now,
        changed_at=work.now,
        created_by=work.user,
    )
    work.put("purchase", number, order_, created=True)
    return order_


def _flow_row(work: UnitOfWork, requisition: PurchaseRequisition, record: InfoRecord) -> FlowRow:
    decimals = work.core.master.decimals(record.currency)
    return FlowRow(
        preceding=requisition.sales_document,
        preceding_item=requisition.sales_item,
        preceding_category="C",
        subsequent=requisition.purchase_order,
        subsequent_item=requisition.purchase_order_item,
        subsequent_category="V",
        quantity=requisition.quantity,
        unit=requisition.unit,
        created_at=work.now,
        value=money.rounded(requisition.quantity * record.price / record.per, decimals),
        currency=record.currency,
        material=requisition.material,
    )


def receive(work: UnitOfWork, number: str, item_number: int, quantity: Decimal | None) -> Outcome:
    """Note that the vendor has delivered, see `Session.post_third_party_receipt`."""
    purchase, item, received = _open(work, number, item_number, quantity, RECEIPT)
    document = MaterialDocument(
        number=work.number("material", "MB"),
        year=work.today.year,
        posting_date=work.today,
        document_date=work.today,
        items=(
            MaterialDocumentItem(
                line=1,
                material=item.material,
                plant=item.plant,
                movement_type=RECEIPT_MOVEMENT,
                quantity=received,
                unit=item.unit,
                amount=ZERO,
                currency=purchase.currency,
                stock_type="customer",
            ),
        ),
        created_at=work.now,
        created_by=work.user,
    )
    work.put_material_document(document)
    if work.core.settings.third_party_receipt_in_flow:
        work.put_flow(
            FlowRow(
                preceding=purchase.number,
                preceding_item=item.item_number,
                preceding_category="V",
                subsequent=document.number,
                subsequent_item=1,
                subsequent_category="i",
                quantity=received,
                unit=item.unit,
                created_at=work.now,
                movement_type=RECEIPT_MOVEMENT,
                material_document_year=document.year,
                material=item.material,
            )
        )
    event = PurchaseEvent(RECEIPT, document.number, document.year, work.today, received, work.now)
    _note(work, purchase, item, event)
    row = work.message("delivery saved", "Material document", document.number)
    return Outcome((row,), (document.number,), (document,))


def invoice(work: UnitOfWork, number: str, item_number: int, quantity: Decimal | None) -> Outcome:
    """Post the vendor's invoice, see `Session.post_vendor_invoice`."""
    purchase, item, invoiced = _open(work, number, item_number, quantity, INVOICE)
    decimals = work.core.master.decimals(purchase.currency)
    amount = money.rounded(item.net_price * invoiced, decimals)
    chart = work.core.master.company_codes[purchase.company_code].chart_of_accounts
    accounts = [
        work.core.master.posting_account(chart, purpose)
        for purpose in ("third-party cost", "trade payables")
    ]
    if not all(accounts):
        raise RefusedError(work.message("account determination", "third party", chart, "", ""))
    cost, payables = accounts
    invoice_number = work.number("purchasing", "RE")
    document = posting.post(
        work,
        posting.Header(
            company_code=purchase.company_code,
            document_type="RE",
            currency=purchase.currency,
            posting_date=work.today,
            document_date=work.today,
            reference=purchase.number,
            object_type="RMRP",
            object_key=f"{invoice_number}{work.today.year}",
        ),
        [
            posting.ledger_line(cost, amount, account_key="WRX"),
            posting.ledger_line(payables, -amount, account_key="KBS"),
        ],
    )
    event = PurchaseEvent(
        INVOICE, invoice_number, work.today.year, work.today, invoiced, work.now, amount
    )
    _note(work, purchase, item, event)
    row = work.message(
        "accounting document posted",
        document.object_type,
        document.object_key,
        work.core.settings.logical_system,
    )
    return Outcome((row,), (invoice_number,), (document,))


def _open(
    work: UnitOfWork, number: str, item_number: int, quantity: Decimal | None, kind: str
) -> tuple[PurchaseOrder, PurchaseOrderItem, Decimal]:
    key = padded(number)
    purchase = work.purchase_order(key)
    item = purchase.item(item_number) if purchase is not None else None
    if purchase is None or item is None:
        raise RefusedError(work.message("item unknown", item_number, key.lstrip("0")))
    holder = work.lock("purchase", key)
    if holder is not None:
        raise RefusedError(work.message("purchase order locked", key.lstrip("0"), holder))
    rest = item.quantity - item.quantity_of(kind)
    wanted = rest if quantity is None else quantity
    if not ZERO < wanted <= rest:
        raise RefusedError(work.message("billing quantity too large", key, item_number, rest))
    return purchase, item, wanted


def _note(
    work: UnitOfWork, purchase: PurchaseOrder, item: PurchaseOrderItem, event: PurchaseEvent
) -> None:
    changed = replace(item, history=(*item.history, event))
    items = tuple(
        changed if each.item_number == item.item_number else each for each in purchase.items
    )
    work.put("purchase", purchase.number, replace(purchase, items=items, changed_at=work.now))


def billable_quantity(
    work: UnitOfWork, rows: Iterable[FlowRow], item: SalesItem, relevance: str
) -> Decimal:
    """Return how much of a third-party item may be billed in all; *rows* follow its document."""
    kind = BILLED_AFTER.get(relevance)
    if kind is None:
        return item.quantity
    total = ZERO
    for row in rows:
        if row.preceding_item == item.item_number and row.subsequent_category == "V":
            purchase = work.purchase_order(row.subsequent)
            found = purchase.item(row.subsequent_item) if purchase is not None else None
            total += found.quantity_of(kind) if found is not None else ZERO
    return min(total, item.quantity)
