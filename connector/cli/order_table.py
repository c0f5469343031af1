"""Orders as a table for people and as rows for programs: every document number and the stage."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from connector.cli.output import table
from connector.ports.store_records import FlowView
from connector.sd_documents.values import DocumentCategory, display_number
from connector.sync.progress import Stage, stage_of
from connector.sync.waiting import waiting_for

if TYPE_CHECKING:
    from rich.table import Table

#: How each stage looks on a terminal.
_STYLE: Final = {
    Stage.HELD: "yellow",
    Stage.IN_DOUBT: "yellow",
    Stage.CANCELLED: "dim",
    Stage.CLEARED_WITHOUT_PAYMENT: "yellow",
    Stage.PAID: "green",
    Stage.COMPLETED: "green",
}


def order_table(views: Iterable[FlowView], title: str = "") -> Table:
    """Return the table; orders that are held say why in :func:`hold_table`."""
    columns = ("Channel", "Order", "Sales order", "Delivery", "Invoice", "Payment", ">Total")
    rows = []
    for view in views:
        row = _order(view)
        rows.append(
            (
                row["channel"],
                row["order"],
                *(_shown(row[name]) for name in ("sales_orders", "deliveries", "invoices")),
                _shown(row["payments"]),
                row["total"],
                _stage_text(stage_of(view)),
            )
        )
    return table(title, (*columns, "Stage"), rows)


def hold_table(views: Iterable[FlowView], title: str = "") -> Table:
    """Return the table of open holds: which order, since when, why, and what to do."""
    rows = [
        (view.flow.channel, _name(view), f"{hold.opened_at:%Y-%m-%d}", hold.reason, hold.message)
        for view in views
        for hold in view.holds
    ]
    return table(title, ("Channel", "Order", "Since", "Reason", "What to do"), rows)


def waiting_table(views: Iterable[FlowView], now: datetime, title: str = "") -> Table:
    """Return the table of open orders that are not held: what each waits for."""
    rows = [
        (view.flow.channel, _name(view), _stage_text(stage_of(view)), awaited)
        for view in views
        if not view.holds and (awaited := waiting_for(view, now))
    ]
    return table(title, ("Channel", "Order", "Stage", "Waits for"), rows)


def order_row(view: FlowView, now: datetime) -> dict[str, Any]:
    """
    Return one order as plain values; numbers without leading zeros, amounts as text.

    ``waits_for`` is empty when the order is closed, or can go on *now*.
    """
    return {
        **_order(view),
        "waits_for": waiting_for(view, now),
        "holds": [{"reason": hold.reason, "message": hold.message} for hold in view.holds],
    }


def _order(view: FlowView) -> dict[str, Any]:
    order = view.sales_document(DocumentCategory.SALES_ORDER)
    return {
        "channel": view.flow.channel,
        "external_id": view.flow.external_id,
        "order": _name(view),
        "reference": view.flow.reference,
        "version": view.flow.version,
        "stage": stage_of(view).value,
        "inquiries": _numbers(view, DocumentCategory.INQUIRY),
        "quotations": _numbers(view, DocumentCategory.QUOTATION),
        "sales_orders": _numbers(view, DocumentCategory.SALES_ORDER),
        "deliveries": [display_number(each.number) for each in view.deliveries],
        "invoices": [display_number(each.number) for each in view.billing_documents],
        "payments": list(dict.fromkeys(_payments(view))),
        "total": str(order.total_amount) if order is not None else "",
    }


def _name(view: FlowView) -> str:
    return view.flow.order_name or view.flow.external_id


def _numbers(view: FlowView, category: DocumentCategory) -> list[str]:
    return [display_number(d.number) for d in view.sales_documents if d.category is category]


def _payments(view: FlowView) -> Iterator[str]:
    billed = {item.key for item in view.items if item.billing_document}
    for item in view.items:
        if item.clearing_document:
            yield display_number(item.clearing_document)
        elif item.key not in billed and item.amount.amount < 0:
            yield display_number(item.key.accounting_document)


def _shown(numbers: Sequence[str]) -> str:
    return "\n".join(numbers)


def _stage_text(stage: Stage) -> Any:
    from rich.text import Text

    return Text(stage.value, style=_STYLE.get(stage, ""))
