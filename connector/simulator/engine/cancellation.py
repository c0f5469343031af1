"""
Cancelling a billing document: the original stays, a mirrored document takes it back.

No new pricing and no new account determination. In accounting the mirror clears itself with the
original, unless the original is cleared already.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connector.simulator.engine import posting
from connector.simulator.engine.billing import locked
from connector.simulator.engine.billing_posting import header_of
from connector.simulator.engine.finance_records import BillingDocument
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message, Outcome, RefusedError
from connector.simulator.engine.sales_records import FlowRow


def cancel(work: UnitOfWork, number: str, *, billing_date: date | None) -> Outcome:
    """Cancel a billing document, see `Session.cancel_billing_document`."""
    original = locked(work, number)
    shown = original.number.lstrip("0")
    billing_type = work.core.master.billing_types[original.billing_type]
    if original.cancelled or not billing_type.cancellation_type:
        raise RefusedError(work.message("billing already cancelled", shown))
    for source in {item.reference_document for item in original.items}:
        holder = work.lock("delivery" if work.delivery(source) else "sales", source)
        if holder is not None:
            raise RefusedError(work.message("sales document locked", source.lstrip("0"), holder))
    cancelling_type = work.core.master.billing_types[billing_type.cancellation_type]
    cancelling = replace(
        original,
        number=work.number("billing", cancelling_type.number_range),
        category=cancelling_type.category,
        billing_type=cancelling_type.billing_type,
        billing_date=billing_date or work.today,
        items=tuple(
            replace(
                item,
                reference_document=original.number,
                reference_item=item.item_number,
                reference_category=original.category,
            )
            for item in original.items
        ),
        created_at=work.now,
        changed_at=work.now,
        created_by=work.user,
        cancelled_document=original.number,
        split_reason="",
    )
    rows: list[Message] = []
    status = original.transfer_status
    if status == "C":
        cancelling = _reverse_accounting(work, original, cancelling, rows)
    else:
        # What was never posted needs no reversal: both are closed for accounting.
        status = "E"
        cancelling = replace(cancelling, transfer_status="E", accounting_document="")
    cancelled = replace(original, cancelled=True, transfer_status=status, changed_at=work.now)
    work.put("billing", cancelling.number, cancelling, created=True)
    work.put("billing", original.number, cancelled)
    for row in _flow_rows(work, original, cancelling):
        work.put_flow(row)
    rows.insert(0, work.message("billing document cancelled", shown, cancelling.number))
    return Outcome(tuple(rows), (cancelling.number,), (cancelling,))


def _reverse_accounting(
    work: UnitOfWork,
    original: BillingDocument,
    cancelling: BillingDocument,
    rows: list[Message],
) -> BillingDocument:
    posted = work.core.store.accounting_by_object("VBRK", original.number)[0]
    known = work.accounting_document(*posted.key)
    assert known is not None
    if work.lock("accounting", known.company_code, known.number, str(known.fiscal_year)):
        raise RefusedError(work.message("account locked", known.number, ""))
    is_open = all(line.clearing_date is None for line in known.lines if line.account_type == "D")
    clears = work.core.settings.cancellation_clears_original and is_open
    # One clearing has one date: that of the later document.
    on = max(known.posting_date, cancelling.billing_date)
    mirrored = [
        replace(
            line,
            debit=not line.debit,
            posting_key={"01": "12", "11": "02", "40": "50", "50": "40"}.get(
                line.posting_key, line.posting_key
            ),
            baseline_date=cancelling.billing_date if line.account_type == "D" else None,
            billing_document=cancelling.number if line.account_type == "D" else "",
            clearing_document="*" if clears and line.account_type == "D" else "",
            clearing_date=on if clears and line.account_type == "D" else None,
            clearing_year=0,
        )
        for line in known.lines
    ]
    header = replace(header_of(work, cancelling), reversal_of=known.number)
    reversal = posting.post(work, header, mirrored)
    if clears:
        work.put_accounting(posting.cleared_by(known, reversal, on))
    elif not is_open:
        rows.append(work.message("not cleared with original", original.number, cancelling.number))
    return replace(cancelling, transfer_status="C", accounting_document=reversal.number)


def _flow_rows(
    work: UnitOfWork, original: BillingDocument, cancelling: BillingDocument
) -> list[FlowRow]:
    """Link the cancellation to the original, and take the quantity back from what was billed."""
    found = []
    for item in original.items:
        counted = not item.billing_plan_date or work.core.settings.plan_date_quantity == "share"
        for number, item_number, category, sign in (
            (original.number, item.item_number, original.category, "+"),
            (item.reference_document, item.reference_item, item.reference_category, "-"),
        ):
            found.append(
                FlowRow(
                    preceding=number,
                    preceding_item=item_number,
                    preceding_category=category,
                    subsequent=cancelling.number,
                    subsequent_item=item.item_number,
                    subsequent_category=cancelling.category,
                    quantity=item.quantity,
                    unit=item.sales_unit,
                    created_at=work.now,
                    value=item.net_value,
                    currency=original.currency,
                    sign=sign if counted or number == original.number else "",
                    material=item.material,
                    billing_plan=item.billing_plan,
                    billing_plan_date=item.billing_plan_date,
                )
            )
    return found
