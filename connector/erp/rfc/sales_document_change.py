"""
Changing sales documents over RFC: the difference as U, I and D rows with their check structures.

The change functions differ in name and in the prefix of some parameters. What is there now is read
first, in the same session: a partner is replaced by naming the one that goes, and a quantity is
moved by naming the schedule lines that hold it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from connector.erp.rfc import detailed_list
from connector.erp.rfc.detailed_list import DetailedList
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.sales_document import (
    HEADER_ITEM,
    AddressRows,
    Row,
    condition_row,
    item_row,
    marked,
    schedule_rows_of,
)
from connector.erp.rfc.session import Session
from connector.erp.rfc.wire import dats, day, numc
from connector.errors import OutcomeUnknownError, RejectedError
from connector.sd_documents.partners import Partner
from connector.sd_documents.sales_document import SalesDocumentItem
from connector.sd_documents.sales_document_change import (
    SalesDocumentChange,
    SalesDocumentItemChange,
)
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import display_number, pad_number

_UPDATE: Final = "U"
_INSERT: Final = "I"
_DELETE: Final = "D"


@dataclass(frozen=True, slots=True)
class ChangeFunction:
    """
    A change function and the prefix of its header, item and text parameters.

    ``by_schedule_line`` is as in `sales_document.CreateFunction`.
    """

    name: str
    prefix: str
    by_schedule_line: bool = True


#: There is no function for memo requests of their own: the order's changes them as it makes them.
CHANGE: Final[Mapping[C, ChangeFunction]] = {
    C.INQUIRY: ChangeFunction("BAPI_CUSTOMERINQUIRY_CHANGE", "INQUIRY"),
    C.QUOTATION: ChangeFunction("BAPI_CUSTOMERQUOTATION_CHANGE", "QUOTATION"),
    C.SALES_ORDER: ChangeFunction("BAPI_SALESORDER_CHANGE", "ORDER"),
    C.RETURNS_ORDER: ChangeFunction("BAPI_CUSTOMERRETURN_CHANGE", "RETURN"),
    C.CREDIT_MEMO_REQUEST: ChangeFunction("BAPI_SALESORDER_CHANGE", "ORDER", False),
    C.DEBIT_MEMO_REQUEST: ChangeFunction("BAPI_SALESORDER_CHANGE", "ORDER", False),
}


def read_before(session: Session, number: str) -> DetailedList:
    """
    Read what a change starts from. Raises RejectedError when the document is not there.
    """
    found = detailed_list.call_for_change(session, [number])
    if number not in found.headers:
        raise RejectedError(
            f"sales document {display_number(number)} does not exist, so it cannot be changed"
        )
    return found


def change_parameters(
    function: ChangeFunction,
    change: SalesDocumentChange,
    before: DetailedList,
    options: RfcOptions,
) -> Row:
    """
    Return the parameters with which *function* makes *change* of the document *before*.

    Raises RejectedError for an item that the document does not have, or has already.
    """
    number, prefix = pad_number(change.number), function.prefix
    header, marks = _header(change)
    wanted_on = before.headers[number]["REQ_DATE_H"]
    parameters: Row = {
        "SALESDOCUMENT": number,
        f"{prefix}_HEADER_IN": header,
        f"{prefix}_HEADER_INX": marks,
    }
    rows = _Rows(function.by_schedule_line, options)
    known = {int(row["ITM_NUMBER"]) for row in before.items[number]}
    for item in change.items:
        if item.item_number not in known:
            raise RejectedError(f"{_name(change)} has no item {item.item_number} to be changed")
        _change_item(rows, item, before.schedules.get((number, numc(item.item_number)), ()))
    for added in change.added_items:
        if added.item_number in known:
            raise RejectedError(f"{_name(change)} has an item {added.item_number} already")
        _add_item(rows, added, dats(change.requested_delivery_date) or wanted_on)
    if rows.items:
        parameters |= {f"{prefix}_ITEM_IN": rows.items, f"{prefix}_ITEM_INX": rows.item_marks}
    if rows.lines:
        parameters |= {"SCHEDULE_LINES": rows.lines, "SCHEDULE_LINESX": rows.line_marks}
    if rows.conditions:
        parameters |= {
            "CONDITIONS_IN": rows.conditions,
            "CONDITIONS_INX": rows.condition_marks,
        }
    if change.partners:
        addresses = AddressRows()
        parameters["PARTNERCHANGES"] = [
            _partner(each, number, before, addresses) for each in change.partners
        ]
        if addresses.rows:
            parameters["PARTNERADDRESSES"] = addresses.rows
    return parameters


def require_changed(session: Session, change: SalesDocumentChange) -> None:
    """Read the document again; raises OutcomeUnknownError unless it is as *change* wants it."""
    number = pad_number(change.number)
    found = detailed_list.call_for_change(session, [number])
    if number not in found.headers:
        raise OutcomeUnknownError(f"{_name(change)} was reported as changed and cannot be read")
    wrong = [*_wrong_header(change, found.headers[number]), *_wrong_items(change, found)]
    there = {
        (row["PARTN_ROLE"], int(row["ITM_NUMBER"] or 0)): row["CUSTOMER"]
        for row in found.partners.get(number, ())
    }
    wrong += [
        f"partner {partner.function.value}"
        for partner in change.partners
        if there.get((partner.function.value, partner.item_number or 0))
        != pad_number(partner.customer)
    ]
    if wrong:
        raise OutcomeUnknownError(
            f"{_name(change)} was reported as changed, but not in {', '.join(wrong)}"
        )


def _header(change: SalesDocumentChange) -> tuple[Row, Row]:
    wanted = {
        "REQ_DATE_H": change.requested_delivery_date and dats(change.requested_delivery_date),
        "DLV_BLOCK": change.delivery_block_reason,
        "BILL_BLOCK": change.billing_block_reason,
    }
    header = {name: value for name, value in wanted.items() if value is not None}
    return header, marked(header, {"UPDATEFLAG": _UPDATE})


class _Rows:
    """The rows of the item tables, each with its check row."""

    def __init__(self, by_schedule_line: bool, options: RfcOptions) -> None:
        self.by_schedule_line, self.options = by_schedule_line, options
        self.items: list[Row] = []
        self.item_marks: list[Row] = []
        self.lines: list[Row] = []
        self.line_marks: list[Row] = []
        self.conditions: list[Row] = []
        self.condition_marks: list[Row] = []

    def item(self, row: Row, action: str) -> None:
        self.items.append(row)
        self.item_marks.append(marked(row, {"UPDATEFLAG": action}, "ITM_NUMBER"))

    def line(self, row: Row, action: str) -> None:
        self.lines.append(row)
        self.line_marks.append(marked(row, {"UPDATEFLAG": action}, "ITM_NUMBER", "SCHED_LINE"))

    def condition(self, row: Row) -> None:
        self.conditions.append(row)
        self.condition_marks.append(marked(row, {"UPDATEFLAG": _INSERT}, "ITM_NUMBER", "COND_TYPE"))


def _change_item(
    rows: _Rows,
    item: SalesDocumentItemChange,
    schedule: Sequence[Mapping[str, Any]],
) -> None:
    row: Row = {"ITM_NUMBER": numc(item.item_number)}
    if item.rejection_reason is not None:
        row["REASON_REJ"] = item.rejection_reason
    if item.requested_quantity is not None and not rows.by_schedule_line:
        row["TARGET_QTY"] = item.requested_quantity.value
        row["TARGET_QU"] = item.requested_quantity.unit
    # An item whose schedule lines alone change is named as well: the check table decides.
    rows.item(row, _UPDATE)
    if rows.by_schedule_line:
        _change_schedule(rows, item, schedule)


def _change_schedule(
    rows: _Rows, item: SalesDocumentItemChange, schedule: Sequence[Mapping[str, Any]]
) -> None:
    """Put a new quantity on the first line and drop the others; a date alone moves them all."""
    number = numc(item.item_number)
    # Lines without a requested quantity are the ERP's own confirmations.
    ordered = sorted(line["SCHED_LINE"] for line in schedule if line["REQ_QTY"]) or ["0001"]
    when = item.requested_delivery_date and dats(item.requested_delivery_date)
    if item.requested_quantity is not None:
        line: Row = {
            "ITM_NUMBER": number,
            "SCHED_LINE": ordered[0],
            "REQ_QTY": item.requested_quantity.value,
        }
        rows.line(line | ({"REQ_DATE": when} if when else {}), _UPDATE)
        for other in ordered[1:]:
            rows.line({"ITM_NUMBER": number, "SCHED_LINE": other}, _DELETE)
    elif when:
        for each in ordered:
            rows.line({"ITM_NUMBER": number, "SCHED_LINE": each, "REQ_DATE": when}, _UPDATE)


def _add_item(rows: _Rows, item: SalesDocumentItem, wanted_on: str) -> None:
    rows.item(item_row(item, rows.by_schedule_line, rows.options), _INSERT)
    if rows.by_schedule_line:
        for line in schedule_rows_of(item, wanted_on):
            rows.line(line, _INSERT)
    for condition in item.conditions:
        rows.condition(
            condition_row(condition.model_copy(update={"item_number": item.item_number}))
        )


def _partner(partner: Partner, number: str, before: DetailedList, addresses: AddressRows) -> Row:
    """Replace the partner in its function, or insert one that the document lacks there."""
    item = numc(partner.item_number) if partner.item_number else HEADER_ITEM
    old = next(
        (
            row["CUSTOMER"]
            for row in before.partners.get(number, ())
            if (row["PARTN_ROLE"], row["ITM_NUMBER"]) == (partner.function.value, item)
        ),
        "",
    )
    row: Row = {
        "DOCUMENT": number,
        "ITM_NUMBER": item,
        "UPDATEFLAG": _UPDATE if old else _INSERT,
        "PARTN_ROLE": partner.function.value,
        "P_NUMB_NEW": pad_number(partner.customer),
    }
    if old:
        row["P_NUMB_OLD"] = old
    if partner.address is not None:
        row["ADDR_LINK"] = addresses.link(partner.address)
    return row


def _wrong_header(change: SalesDocumentChange, header: Mapping[str, Any]) -> list[str]:
    wanted = change.requested_delivery_date
    wrong = []
    if wanted is not None and day(header["REQ_DATE_H"]) != wanted:
        wrong.append("the requested date")
    for name, field, block in (
        ("the delivery block", "DLV_BLOCK", change.delivery_block_reason),
        ("the billing block", "BILL_BLOCK", change.billing_block_reason),
    ):
        if block is not None and header[field] != block:
            wrong.append(name)
    return wrong


def _wrong_items(change: SalesDocumentChange, found: DetailedList) -> list[str]:
    number = pad_number(change.number)
    rows = {int(row["ITM_NUMBER"]): row for row in found.items[number]}
    wrong = []
    for item in change.items:
        row = rows.get(item.item_number)
        quantity, reason = item.requested_quantity, item.rejection_reason
        if (
            row is None
            or (quantity is not None and detailed_list.ordered_quantity(row) != quantity)
            or (reason is not None and row["REA_FOR_RE"] != reason)
        ):
            wrong.append(f"item {item.item_number}")
    for added in change.added_items:
        row = rows.get(added.item_number)
        if row is None or detailed_list.ordered_quantity(row) != added.requested_quantity:
            wrong.append(f"item {added.item_number}")
    return wrong


def _name(change: SalesDocumentChange) -> str:
    return f"document {display_number(change.number)}"
