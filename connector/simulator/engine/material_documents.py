"""
Material documents: stock in quantity and value, with their accounting documents.

Movements that no delivery asks for are here as well: receipts, and returns that become free stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from connector.simulator.engine import posting, stock
from connector.simulator.engine.finance_records import AccountingLine
from connector.simulator.engine.keys import material_key
from connector.simulator.engine.logistics_records import (
    MaterialDocument,
    MaterialDocumentItem,
    Stock,
)
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Outcome, RefusedError

ZERO = Decimal(0)


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
    check_period(work, plant, work.today)
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
    check_period(work, plant, work.today)
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
    save(work, document, document_type)
    row = work.message("delivery saved", "Material document", document.number)
    return Outcome((row,), (document.number,), (document,))


def save(work: UnitOfWork, document: MaterialDocument, document_type: str) -> None:
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


def check_period(work: UnitOfWork, plant: str, on: date) -> None:
    """Raise RefusedError unless the period of a day is open."""
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
