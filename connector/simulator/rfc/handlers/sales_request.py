"""From the structures of the create functions to what the engine is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.engine.outcome import Message
from connector.simulator.engine.specs import (
    Address,
    ManualCondition,
    Partner,
    SalesDocumentSpec,
    SalesItemSpec,
    ScheduleLineSpec,
    Text,
)
from connector.simulator.rfc import keys
from connector.simulator.rfc.dictionary import Row
from connector.simulator.rfc.handlers.messages import free_text, message

if TYPE_CHECKING:
    from connector.simulator.engine.master_data import MasterData
    from connector.simulator.rfc.context import Call


def build(call: Call, prefix: str, categories: str) -> tuple[SalesDocumentSpec, list[Message]]:
    """
    Return the request of a create function, and what is wrong with it before the ERP looks.

    *prefix* is that of the parameters (ORDER, INQUIRY ..), *categories* the document categories
    that the function may create.
    """
    master = call.erp.master_data
    conversion = call.conversion("CONVERT")
    header = flagged(call.structure(f"{prefix}_HEADER_IN"), call.structure(f"{prefix}_HEADER_INX"))
    given_type = header.get("DOC_TYPE", "")
    document_type = conversion.order_type(given_type)
    problems: list[Message] = []
    if not document_type:
        problems.append(
            message(call, "order type unknown", given_type, parameter="SALES_HEADER_IN")
        )
    elif master.order_types[document_type].category not in categories:
        text = f"Sales document type {given_type} cannot be created by {call.function.name}"
        problems.append(free_text(text, parameter="SALES_HEADER_IN"))
    schedules = flagged_rows(
        call.table(f"{prefix}_SCHEDULES_IN"),
        call.table(f"{prefix}_SCHEDULES_INX"),
        ("ITM_NUMBER", "SCHED_LINE"),
    )
    items = flagged_rows(
        call.table(f"{prefix}_ITEMS_IN"), call.table(f"{prefix}_ITEMS_INX"), ("ITM_NUMBER",)
    )
    spec = from_header(header, document_type)
    spec.partners = _partners(call, prefix, problems)
    spec.items = [item(master, row, schedules) for row in items]
    spec.schedule_lines = [schedule_line(row) for row in schedules if keys.number(row, "REQ_QTY")]
    spec.conditions = conditions(call.table(f"{prefix}_CONDITIONS_IN"))
    spec.texts = texts(call.table(f"{prefix}_TEXT"))
    spec.behave_when_error = call.text("BEHAVE_WHEN_ERROR")
    if call.text("SALESDOCUMENTIN"):
        problems.append(
            free_text("Sales documents are numbered internally: leave SALESDOCUMENTIN empty")
        )
    return spec, problems


def _partners(call: Call, prefix: str, problems: list[Message]) -> list[Partner]:
    """Return the partners; those whose function nobody knows are problems."""
    conversion = call.conversion("CONVERT")
    addresses = {row.get("ADDR_NO", ""): row for row in call.table("PARTNERADDRESSES")}
    partners = []
    for count, row in enumerate(call.table(f"{prefix}_PARTNERS"), 1):
        role = row.get("PARTN_ROLE", "")
        function = conversion.partner_function(role)
        if function:
            partners.append(partner(function, row, addresses))
        else:
            problems.append(
                free_text(f"Partner function {role} is not defined", "E", "SALES_PARTNERS", count)
            )
    return partners


def flagged(row: Row, marks: Row) -> Row:
    """Return the fields of *row* that *marks* flags; all of them when nothing is flagged."""
    flags = {name for name, mark in marks.items() if mark == "X"}
    return {name: value for name, value in row.items() if name in flags} if flags else row


def flagged_rows(rows: list[Row], marks: list[Row], key: tuple[str, ...]) -> list[Row]:
    """Return *rows* reduced to flagged fields, key fields kept; a row without marks is kept."""
    if not marks:
        return rows
    by_key = {tuple(_key(mark, name) for name in key): mark for mark in marks}
    reduced = []
    for row in rows:
        mark = by_key.get(tuple(_key(row, name) for name in key))
        if mark is None:
            reduced.append(row)
            continue
        fields = {name: row[name] for name in key if name in row}
        reduced.append({**fields, **flagged(row, mark)})
    return reduced


def _key(row: Row, name: str) -> str:
    """NUMC keys compare by value: a field that was not given is zero."""
    value = row.get(name, "")
    return value.lstrip("0") if isinstance(value, str) else str(value)


def from_header(header: Row, document_type: str) -> SalesDocumentSpec:
    """Return a request with the fields of BAPISDHD1 or BAPISDHEAD."""
    return SalesDocumentSpec(
        document_type=document_type,
        sales_organization=header.get("SALES_ORG", ""),
        distribution_channel=header.get("DISTR_CHAN", ""),
        division=header.get("DIVISION", ""),
        purchase_order_by_customer=header.get("PURCH_NO_C") or header.get("PURCH_NO", ""),
        purchase_order_date=keys.as_date(header.get("PURCH_DATE", "")),
        purchase_order_type=header.get("PO_METHOD", ""),
        document_date=keys.as_date(header.get("DOC_DATE", "")),
        requested_delivery_date=keys.as_date(header.get("REQ_DATE_H", "")),
        valid_from=keys.as_date(header.get("QT_VALID_F", "")),
        valid_to=keys.as_date(header.get("QT_VALID_T", "")),
        pricing_date=keys.as_date(header.get("PRICE_DATE", "")),
        billing_date=keys.as_date(header.get("BILL_DATE", "")),
        currency=header.get("CURRENCY", "") or header.get("CURR_ISO", ""),
        terms_of_payment=header.get("PMNTTRMS", ""),
        incoterms=header.get("INCOTERMS1", ""),
        incoterms_location=header.get("INCOTERMS2", "") or header.get("INCOTERMS2L", ""),
        delivery_block=header.get("DLV_BLOCK", ""),
        billing_block=header.get("BILL_BLOCK", ""),
        order_reason=header.get("ORD_REASON", ""),
        shipping_conditions=header.get("SHIP_COND", ""),
        complete_delivery=header["COMPL_DLV"] == "X" if "COMPL_DLV" in header else None,
        reference_document=header.get("REF_DOC", ""),
        reference_category=header.get("REFDOC_CAT", "") or header.get("REF_DOC_CA", ""),
        assignment=header.get("ASS_NUMBER", ""),
        reference=header.get("REF_DOC_L", ""),
        name=header.get("NAME", ""),
    )


def item(master: MasterData, row: Row, schedules: Iterable[Row] = ()) -> SalesItemSpec:
    """
    Return an item of BAPISDITM.

    Its quantity is that of its schedule lines; the target quantity counts where there are none.
    """
    item_number = keys.integer(row, "ITM_NUMBER")
    requested = [
        keys.number(line, "REQ_QTY") or keys.ZERO
        for line in schedules
        if keys.integer(line, "ITM_NUMBER") == item_number
    ]
    target = keys.number(row, "TARGET_QTY")
    unit = keys.unit_in(master, row.get("SALES_UNIT", ""), row.get("S_UNIT_ISO", ""))
    target_unit = keys.unit_in(master, row.get("TARGET_QU", ""), row.get("T_UNIT_ISO", ""))
    return SalesItemSpec(
        item_number=item_number,
        material=keys.material_in(row),
        customer_material=row.get("CUST_MAT35") or row.get("CUST_MAT22", ""),
        quantity=sum(requested, keys.ZERO) if requested else target,
        sales_unit=unit or target_unit,
        item_category=row.get("ITEM_CATEG", ""),
        plant=row.get("PLANT", ""),
        shipping_point=row.get("SHIP_POINT", ""),
        short_text=row.get("SHORT_TEXT", ""),
        higher_level_item=keys.integer(row, "HG_LV_ITEM"),
        reference_document=row.get("REF_DOC", ""),
        reference_item=keys.integer(row, "REF_DOC_IT"),
        reference_category=row.get("REF_DOC_CA", ""),
        rejection_reason=row.get("REASON_REJ", ""),
        billing_block=row.get("BILL_BLOCK", ""),
        terms_of_payment=row.get("PMNTTRMS", ""),
        incoterms=row.get("INCOTERMS1", ""),
        incoterms_location=row.get("INCOTERMS2", ""),
        purchase_order_item=row.get("PO_ITM_NO", ""),
    )


def schedule_line(row: Row) -> ScheduleLineSpec:
    """Return a schedule line of BAPISCHDL."""
    return ScheduleLineSpec(
        item_number=keys.integer(row, "ITM_NUMBER"),
        quantity=keys.number(row, "REQ_QTY") or keys.ZERO,
        requested_date=keys.as_date(row.get("REQ_DATE", "")),
        material_availability_date=keys.as_date(row.get("MS_DATE", "")),
        goods_issue_date=keys.as_date(row.get("GI_DATE", "")),
    )


def conditions(rows: Iterable[Row]) -> list[ManualCondition]:
    """Return the manual conditions of BAPICOND; rates are external, 5 in a percentage is 5 %."""
    return [
        ManualCondition(
            condition_type=row.get("COND_TYPE", ""),
            rate=keys.number(row, "COND_VALUE") or keys.ZERO,
            item_number=keys.integer(row, "ITM_NUMBER"),
            currency=row.get("CURRENCY", "") or row.get("CURR_ISO", ""),
            per=keys.number(row, "COND_P_UNT") or Decimal(1),
            unit=row.get("COND_UNIT", "") or row.get("CD_UNT_ISO", ""),
        )
        for row in rows
    ]


def texts(rows: Iterable[Row]) -> list[Text]:
    """
    Return the texts of BAPISDTEXT: rows of one item, id and language are one text.

    A row whose format column is `=` or blank continues the line before.
    """
    found: dict[tuple[int, str, str], list[str]] = {}
    for row in rows:
        language = row.get("LANGU_ISO") or {"E": "EN", "D": "DE"}.get(row.get("LANGU", ""), "EN")
        key = (keys.integer(row, "ITM_NUMBER"), row.get("TEXT_ID", ""), language)
        lines = found.setdefault(key, [])
        line = row.get("TEXT_LINE", "")
        column = row.get("FORMAT_COL", "*")
        if column in ("=", "") and lines and "FORMAT_COL" in row:
            lines[-1] += line if column == "=" else f" {line}"
        else:
            lines.append(line)
    return [Text(key[1], tuple(lines), key[0], key[2]) for key, lines in found.items()]


def partner(function: str, row: Row, addresses: Mapping[str, Row]) -> Partner:
    """Return a partner of BAPIPARNR, with its own address when one is given."""
    linked = addresses.get(row["ADDR_LINK"]) if row.get("ADDR_LINK") else None
    return Partner(
        function,
        row.get("PARTN_NUMB", ""),
        keys.integer(row, "ITM_NUMBER"),
        _linked_address(linked) if linked else _own_address(row),
    )


def _own_address(row: Row) -> Address | None:
    address = Address(
        name=row.get("NAME", ""),
        name_2=row.get("NAME_2", ""),
        street=row.get("STREET", ""),
        postal_code=row.get("POSTL_CODE", ""),
        city=row.get("CITY", ""),
        region=row.get("REGION", ""),
        country=row.get("COUNTRY", "") or row.get("COUNTR_ISO", ""),
        language=row.get("LANGU_ISO", ""),
        telephone=row.get("TELEPHONE", ""),
    )
    return address if address.name or address.city or address.country else None


def _linked_address(row: Row) -> Address:
    return Address(
        name=row.get("NAME", ""),
        name_2=row.get("NAME_2", ""),
        street=row.get("STREET_LNG") or row.get("STREET", ""),
        postal_code=row.get("POSTL_COD1", ""),
        city=row.get("CITY", ""),
        region=row.get("REGION", ""),
        country=row.get("COUNTRY", "") or row.get("COUNTRYISO", ""),
        language=row.get("LANGU_ISO", ""),
        telephone=row.get("TEL1_NUMBR", ""),
        email=row.get("E_MAIL", ""),
    )
