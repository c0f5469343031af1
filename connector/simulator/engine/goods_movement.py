"""
Goods movements: stock in quantity and value, with their accounting documents.

Goods issue 601 takes stock at the present price; its reversal 602 gives it back at the same value.
Returns come in by 653 (unrestricted, with value) or 651 (blocked, without value: nothing is posted
in accounting).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from connector.simulator.engine import posting, stock
from connector.simulator.engine.delivery import locked
from connector.simulator.engine.finance_records import AccountingLine
from connector.simulator.engine.keys import material_key
from connector.simulator.engine.logistics_records import (
    Delivery,
    DeliveryItem,
    MaterialDocument,
    MaterialDocumentItem,
    Stock,
)
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Outcome, RefusedError
from connector.simulator.engine.sales_records import FlowRow

ZERO = Decimal(0)

#: movement -> its reversal.
REVERSALS = {"601": "602", "653": "654", "651": "652"}


@dataclass(frozen=True, slots=True)
class Movement:
    """Effect of a movement type: sign of the quantity, stock it moves, whether it has value."""

    sign: int
    stock_type: str = "unrestricted"
    valued: bool = True


MOVEMENTS = {
    "601": Movement(-1),
    "602": Movement(1),
    "653": Movement(1),
    "654": Movement(-1),
    "651": Movement(1, "blocked", valued=False),
    "652": Movement(-1, "blocked", valued=False),
    "501": Movement(1),
    "453": Movement(1),
}


def issue(work: UnitOfWork, delivery: Delivery, posting_date: date) -> MaterialDocument:
    """
    Post goods issue (or receipt, of a returns delivery) of *delivery*.

    RefusedError: M7 021 too little stock, M7 053 period closed, M3 682 valuation locked.
    """
    _check_period(work, delivery.items[0].plant, posting_date)
    number = work.number("material", "MB")
    items = []
    left: dict[tuple[str, str], Stock] = {}
    for line, item in enumerate(delivery.items, start=1):
        items.append(_issued(work, delivery, item, line, left))
    document = MaterialDocument(
        number=number,
        year=posting_date.year,
        posting_date=posting_date,
        document_date=posting_date,
        items=tuple(items),
        created_at=work.now,
        created_by=work.user,
        delivery=delivery.number,
    )
    _save(work, document, "WL")
    for item, moved in zip(delivery.items, items, strict=True):
        work.put_flow(_flow_row(work, delivery, item, moved, document))
    return document


def reverse(work: UnitOfWork, number: str, *, posting_date: date | None) -> Outcome:
    """Reverse goods issue, see `Session.reverse_goods_issue`."""
    delivery = locked(work, number)
    if delivery.actual_goods_issue_date is None:
        raise RefusedError(work.message("goods issue not posted", delivery.number.lstrip("0")))
    rows = work.flow_after(delivery.number)
    billed = {row.preceding_item for row in rows if row.subsequent_category in "MNOPS"}
    for item_number in sorted(billed):
        quantity = sum(
            (
                row.signed_quantity
                for row in rows
                if row.preceding_item == item_number and row.subsequent_category in "MNOPS"
            ),
            ZERO,
        )
        if quantity > 0:
            raise RefusedError(work.message("delivery already billed", item_number))
    on = posting_date or work.today
    _check_period(work, delivery.items[0].plant, on)
    last = next(row.subsequent for row in reversed(rows) if row.subsequent_category == "R")
    original = work.core.store.material_documents[last]
    items = tuple(
        replace(item, movement_type=REVERSALS[item.movement_type]) for item in original.items
    )
    reversal = MaterialDocument(
        number=work.number("material", "MB"),
        year=on.year,
        posting_date=on,
        document_date=on,
        items=items,
        created_at=work.now,
        created_by=work.user,
        delivery=delivery.number,
        reversal_of=original.number,
    )
    _save(work, reversal, "WL")
    for moved in items:
        item = delivery.item(moved.delivery_item)
        if item is not None:
            work.put_flow(_flow_row(work, delivery, item, moved, reversal))
    reopened = replace(
        delivery,
        actual_goods_issue_date=None,
        entered_goods_issue_date=None,
        changed_at=work.now,
        version=delivery.version + 1,
    )
    work.put("delivery", delivery.number, reopened)
    text = work.core.master.delivery_types[delivery.delivery_type].text
    row = work.message("delivery saved", text, delivery.number.lstrip("0"))
    return Outcome((row,), (delivery.number,), (reopened, reversal))


def receive(
    work: UnitOfWork, plant: str, material: str, quantity: Decimal, amount: Decimal | None
) -> Outcome:
    """Receive stock, see `Session.post_goods_receipt`."""
    key = material_key(material)
    held = work.core.store.stock_of(plant, key)
    if held is None:
        raise RefusedError(work.message("plant not allowed", material, plant))
    if quantity <= 0:
        raise RefusedError(work.message("quantity invalid", 1))
    _check_period(work, plant, work.today)
    decimals = work.core.master.decimals(held.currency)
    # At standard price a receipt is worth the standard, whatever was paid.
    value = amount
    if value is None or held.price_control == "S":
        value = stock.value_of(held, quantity, decimals)
    return _moved_by_hand(
        work, held, (plant, key), movement_type="501", quantity=quantity, value=value,
        document_type="WE",
    )  # fmt: skip


def transfer_returns(work: UnitOfWork, plant: str, material: str, quantity: Decimal) -> Outcome:
    """Take returns out of blocked stock, see `Session.transfer_returns`."""
    key = material_key(material)
    held = work.core.store.stock_of(plant, key)
    if held is None:
        raise RefusedError(work.message("plant not allowed", material, plant))
    if not ZERO < quantity <= held.blocked:
        missing = quantity - held.blocked
        raise RefusedError(
            work.message("stock deficit", "SL Returns", missing, held.unit, f"{key} {plant}")
        )
    _check_period(work, plant, work.today)
    value = stock.value_of(held, quantity, work.core.master.decimals(held.currency))
    work.move_stock(plant, key, blocked=-quantity)
    return _moved_by_hand(
        work, held, (plant, key), movement_type="453", quantity=quantity, value=value,
        document_type="WA",
    )  # fmt: skip


def _moved_by_hand(
    work: UnitOfWork,
    held: Stock,
    place: tuple[str, str],
    *,
    movement_type: str,
    quantity: Decimal,
    value: Decimal,
    document_type: str,
) -> Outcome:
    """Post a movement of one material today that no delivery asks for."""
    plant, material = place
    item = MaterialDocumentItem(
        line=1,
        material=material,
        plant=plant,
        movement_type=movement_type,
        quantity=quantity,
        unit=held.unit,
        amount=value,
        currency=held.currency,
    )
    document = MaterialDocument(
        number=work.number("material", "MB"),
        year=work.today.year,
        posting_date=work.today,
        document_date=work.today,
        items=(item,),
        created_at=work.now,
        created_by=work.user,
    )
    _save(work, document, document_type)
    row = work.message("delivery saved", "Material document", document.number)
    return Outcome((row,), (document.number,), (document,))


def _issued(
    work: UnitOfWork,
    delivery: Delivery,
    item: DeliveryItem,
    line: int,
    left: dict[tuple[str, str], Stock],
) -> MaterialDocumentItem:
    place = (item.plant, item.material)
    held = left.get(place) or work.core.store.stock_of(*place)
    if held is None:
        raise RefusedError(work.message("plant not allowed", item.material, item.plant))
    if work.core.settings.exclusive_valuation_lock:
        holder = work.lock("valuation", *place)
        if holder is not None:
            raise RefusedError(work.message("valuation locked", item.material, holder))
    base = item.quantity * item.base_numerator / item.base_denominator
    effect = MOVEMENTS[item.movement_type]
    if effect.sign < 0:
        # Stock that others take in units of work not yet finished is not there any more.
        free = held.unrestricted - (
            work.core.pending_issues.get(place, ZERO) if place not in left else ZERO
        )
        if base > free:
            raise RefusedError(
                work.message(
                    "stock deficit",
                    "SL Unrestricted-use",
                    base - max(free, ZERO),
                    item.base_unit,
                    f"{item.material} {item.plant}",
                )
            )
    value = ZERO
    if effect.valued:
        value = stock.value_of(held, base, work.core.master.decimals(held.currency))
    left[place] = replace(
        held,
        unrestricted=held.unrestricted + effect.sign * base if effect.valued else held.unrestricted,
        value=held.value + effect.sign * value,
    )
    return MaterialDocumentItem(
        line=line,
        material=item.material,
        plant=item.plant,
        movement_type=item.movement_type,
        quantity=base,
        unit=item.base_unit,
        amount=value,
        currency=held.currency,
        stock_type=effect.stock_type,
        delivery=delivery.number,
        delivery_item=item.item_number,
    )


def _save(work: UnitOfWork, document: MaterialDocument, document_type: str) -> None:
    """Buffer the document, its effect on stock and its accounting document."""
    work.put_material_document(document)
    lines: list[AccountingLine] = []
    company_code = work.core.master.plants[document.items[0].plant].company_code
    chart = work.core.master.company_codes[company_code].chart_of_accounts
    for item in document.items:
        effect = MOVEMENTS[item.movement_type]
        quantity = effect.sign * item.quantity
        blocked = item.stock_type == "blocked"
        work.move_stock(
            item.plant,
            item.material,
            unrestricted=ZERO if blocked else quantity,
            blocked=quantity if blocked else ZERO,
            value=effect.sign * item.amount,
        )
        if item.amount:
            lines.extend(_ledger_lines(work, item, chart, effect.sign))
    if not lines:
        return
    fixed = work.core.settings.accounting_number_is_material_document_number
    posting.post(
        work,
        posting.Header(
            company_code=company_code,
            document_type=document_type,
            currency=work.core.master.company_codes[company_code].currency,
            posting_date=document.posting_date,
            document_date=document.document_date,
            reference=document.delivery.lstrip("0"),
            object_type="MKPF",
            object_key=f"{document.number}{document.year}",
            number=document.number if fixed else "",
            reversal_of=document.reversal_of,
        ),
        lines,
    )


def _ledger_lines(
    work: UnitOfWork, item: MaterialDocumentItem, chart: str, sign: int
) -> list[AccountingLine]:
    """Return inventory and its offsetting account, the debit first as in the printed journal."""
    view = work.core.master.material_plants[item.material, item.plant]
    accounts = work.core.master.inventory_accounts.get((chart, view.valuation_class))
    if accounts is None:
        raise RefusedError(
            work.message("account determination", "BSX", chart, view.valuation_class, "")
        )
    other = accounts.receipt_account if item.movement_type == "501" else accounts.cost_account
    value = sign * item.amount
    pair = (
        posting.ledger_line(other, -value, account_key="GBB"),
        posting.ledger_line(accounts.inventory_account, value, account_key="BSX"),
    )
    return sorted(pair, key=lambda each: not each.debit)


def _check_period(work: UnitOfWork, plant: str, on: date) -> None:
    company_code = work.core.master.plants[plant].company_code
    allowed = work.core.settings.open_periods.get(company_code)
    if allowed is not None and not allowed[0] <= on <= allowed[1]:
        raise RefusedError(
            work.message(
                "material period closed",
                f"{allowed[0]:%Y/%m}",
                f"{allowed[1]:%Y/%m}",
                company_code,
            )
        )


def _flow_row(
    work: UnitOfWork,
    delivery: Delivery,
    item: DeliveryItem,
    moved: MaterialDocumentItem,
    document: MaterialDocument,
) -> FlowRow:
    takes_back = bool(document.reversal_of)
    return FlowRow(
        preceding=delivery.number,
        preceding_item=item.item_number,
        preceding_category=delivery.category,
        subsequent=document.number,
        subsequent_item=moved.line,
        subsequent_category="h" if takes_back else "R",
        quantity=item.quantity,
        unit=item.sales_unit,
        created_at=work.now,
        value=moved.amount,
        currency=moved.currency,
        sign="-" if takes_back else "+",
        movement_type=moved.movement_type,
        material_document_year=document.year,
        material=item.material,
    )
