"""
BAPI_SALESORDER_SIMULATE: price, promise dates and check credit without saving.

Its structures are of an older make: quantities in items are digits with three implied decimals,
a header and an item hold at most four manual conditions, the first amount of an item may come in a
CURR field (stored form) or in a DEC field (external form).
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import ManualCondition, SalesDocumentSpec, SalesItemSpec
from connector.simulator.rfc import keys
from connector.simulator.rfc.context import Call, Handler
from connector.simulator.rfc.dictionary import Row
from connector.simulator.rfc.handlers import sales_request, sales_rows
from connector.simulator.rfc.handlers.messages import (
    bapiret2,
    bapireturn,
    first_error,
    free_text,
    message,
)

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument, SalesItem

_IMPLIED = Decimal(1000)
_ONE = Decimal(1)


def simulate(call: Call) -> dict[str, Any]:
    """
    Return items, schedule lines and conditions as the order would have them.

    RETURN is the first error, empty when there is none; MESSAGETABLE has every row.
    """
    spec, problems = build(call)
    if problems:
        return _answer(call, problems)
    outcome = call.session.simulate_sales_document(spec)
    if not outcome.accepted or not outcome.documents:
        return _answer(call, list(outcome.messages))
    document: SalesDocument = outcome.documents[0]
    return (
        _answer(call, list(outcome.messages))
        | _parties(call, document)
        | {
            "ORDER_ITEMS_OUT": [_item(call, document, item) for item in document.items],
            "ORDER_SCHEDULE_EX": [
                sales_rows.schedule_row(call.erp.master_data, "", item, line)
                for item in document.items
                for line in item.schedule_lines
            ],
            "ORDER_CONDITION_EX": [
                {
                    **sales_rows.condition_row(
                        condition, item.item_number, sales_rows.step_number(position)
                    ),
                    "CONPRICDAT": document.pricing_date,
                }
                for item in document.items
                for position, condition in enumerate(item.conditions)
            ],
            "ORDER_INCOMPLETE": [
                {"FIELD_NAME": field[:30], "FIELD_TEXT": field} for field in document.incompletion
            ],
        }
    )


def build(call: Call) -> tuple[SalesDocumentSpec, list[Message]]:
    """Return what is to be simulated, and what is wrong with it before the ERP looks."""
    conversion = call.conversion("CONVERT_PARVW_AUART")
    header = call.structure("ORDER_HEADER_IN")
    given_type = header.get("DOC_TYPE", "")
    document_type = conversion.order_type(given_type)
    problems: list[Message] = []
    if not document_type:
        problems.append(message(call, "order type unknown", given_type))
    spec = sales_request.from_header(header, document_type)
    addresses = {row.get("ADDR_NO", ""): row for row in call.table("PARTNERADDRESSES")}
    for count, row in enumerate(call.table("ORDER_PARTNERS"), 1):
        role = row.get("PARTN_ROLE", "")
        function = conversion.partner_function(role)
        if function:
            spec.partners.append(sales_request.partner(function, row, addresses))
        else:
            text = f"Partner function {role} is not defined"
            problems.append(free_text(text, "E", "SALES_PARTNERS", count))
    schedules = call.table("ORDER_SCHEDULE_IN")
    for row in call.table("ORDER_ITEMS_IN"):
        spec.items.append(_item_spec(call, row, schedules))
        spec.conditions.extend(_item_conditions(call, row, spec.currency))
    spec.schedule_lines = [sales_request.schedule_line(row) for row in schedules]
    spec.conditions.extend(_numbered_conditions(header, 0, range(1, 5)))
    return spec, problems


def _item_spec(call: Call, row: Row, schedules: Iterable[Row]) -> SalesItemSpec:
    spec = sales_request.item(call.erp.master_data, _without_target(row), schedules)
    if spec.quantity is None:
        digits = row.get("REQ_QTY") or row.get("TARGET_QTY") or "0"
        spec.quantity = Decimal(int(digits)) / _IMPLIED
    spec.customer_material = row.get("CUST_MAT35") or row.get("CUST_MAT", "")
    spec.requested_delivery_date = keys.as_date(row.get("REQ_DATE", ""))
    return spec


def _without_target(row: Row) -> Row:
    """In this structure the target quantity is digits, not a packed number."""
    return {name: value for name, value in row.items() if name != "TARGET_QTY"}


def _item_conditions(call: Call, row: Row, currency: str) -> list[ManualCondition]:
    item_number = keys.integer(row, "ITM_NUMBER")
    found = []
    if row.get("COND_TYPE"):
        rate = keys.number(row, "COND_VAL1")
        own = row.get("CURRENCY", "") or row.get("CURR_ISO", "")
        if rate is None:
            stored = keys.number(row, "COND_VALUE") or keys.ZERO
            rate = keys.from_stored(call.erp.master_data, stored, own or currency)
        found.append(
            ManualCondition(
                row["COND_TYPE"],
                rate,
                item_number,
                own,
                Decimal(keys.integer(row, "COND_P_UNT")) or _ONE,
                row.get("COND_D_UNT", "") or row.get("CD_UNT_ISO", ""),
            )
        )
    return found + _numbered_conditions(row, item_number, range(2, 5))


def _numbered_conditions(
    row: Row, item_number: int, numbers: Iterable[int]
) -> list[ManualCondition]:
    return [
        ManualCondition(
            row[f"CD_TYPE{n}"],
            keys.number(row, f"CD_VALUE{n}") or keys.ZERO,
            item_number,
            row.get(f"CD_CURR{n}", "") or row.get(f"CD_CU_ISO{n}", ""),
            Decimal(keys.integer(row, f"CD_P_UNT{n}")) or _ONE,
            row.get(f"CD_D_UNT{n}", "") or row.get(f"CD_D_UISO{n}", ""),
        )
        for n in numbers
        if row.get(f"CD_TYPE{n}")
    ]


def _answer(call: Call, messages: list[Message]) -> dict[str, Any]:
    return {
        "SALESDOCUMENT": "",
        "RETURN": bapireturn(first_error(messages)),
        "MESSAGETABLE": bapiret2(messages, call.settings.system_id),
    }


def _parties(call: Call, document: SalesDocument) -> dict[str, Any]:
    parties: dict[str, Any] = {}
    for parameter, field, function in (
        ("SOLD_TO_PARTY", "SOLD_TO", "AG"),
        ("SHIP_TO_PARTY", "SHIP_TO", "WE"),
        ("BILLING_PARTY", "PAYER", "RG"),
    ):
        number = document.partner_number(function)
        customer = call.erp.customer(number)
        parties[parameter] = {field: number}
        if customer is not None:
            parties[parameter] |= {"NAME": customer.name, "CITY": customer.city}
    parties["SOLD_TO_PARTY"]["CURRENCY"] = document.currency
    parties["BILLING_PARTY"]["PMNTTRMS"] = document.terms_of_payment
    return parties


def _item(call: Call, document: SalesDocument, item: SalesItem) -> dict[str, Any]:
    master = call.erp.master_data
    first = item.schedule_lines[0] if item.schedule_lines else None
    at_request = sum(
        (
            line.confirmed_quantity
            for line in item.schedule_lines
            if line.delivery_date <= line.requested_date
        ),
        keys.ZERO,
    )
    return {
        "ITM_NUMBER": item.item_number,
        "PO_ITM_NO": item.purchase_order_item,
        **keys.material_fields(item.material),
        "MAT_ENTRD": keys.material_out(item.material),
        "MAT_ENTRD_LONG": keys.material_out(item.material),
        "SHORT_TEXT": item.description,
        "NET_VALUE": _digits(master, item.net_value, document.currency),
        "CURRENCY": document.currency,
        "SUBTOTAL_1": _digits(master, item.gross_value, document.currency),
        "SALES_UNIT": item.sales_unit,
        "QTY_REQ_DT": str(int(at_request * _IMPLIED)),
        "DLV_DATE": first.delivery_date if first and first.confirmed_quantity else None,
        "PURCH_NO_C": document.purchase_order_by_customer,
        "NET_VALUE1": item.net_value,
        "CURR_ISO": document.currency[:3],
        "S_UNIT_ISO": keys.unit_iso(master, item.sales_unit),
        "REQ_QTY": item.quantity,
        "PLANT": item.plant,
        "TX_DOC_CUR": item.tax_amount,
        "TARGET_QTY": item.quantity,
        "TARGET_QU": item.sales_unit,
        "ITEM_CATEG": item.item_category,
        "SHIP_POINT": item.shipping_point,
        "HG_LV_ITEM": item.higher_level_item,
        "CUST_MAT": item.customer_material,
        "PART_DLV": item.partial_delivery,
        "REASON_REJ": item.rejection_reason,
        "BILL_BLOCK": item.billing_block,
        "MATL_GROUP": item.material_group,
        "SUBTOTAL1": item.gross_value,
    }


def _digits(master: Any, amount: Decimal, currency: str) -> str:
    """Amounts in NUMC fields are the digits of the stored amount: 9.01 is 901."""
    return str(abs(int(keys.to_stored(master, amount, currency).scaleb(2))))


HANDLERS: dict[str, Handler] = {"BAPI_SALESORDER_SIMULATE": simulate}
