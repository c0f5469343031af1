"""
What all sales documents have in common on the wire: the parameters of their create functions.

The functions differ in name and in the prefix of their parameters; the structures are the same
(BAPISDHD1, BAPISDITM, BAPISCHDL, BAPICOND, BAPIPARNR, BAPISDTEXT). Every structure is accompanied
by its check structure, which marks the fields that are handed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.wire import dats, internal_material, numc
from connector.sd_documents.conditions import Condition
from connector.sd_documents.partners import Address, Partner
from connector.sd_documents.sales_document import SalesDocument, SalesDocumentItem, Text
from connector.sd_documents.values import pad_number

Row = dict[str, Any]

HEADER_ITEM: Final = "000000"
_TEXT_WIDTH: Final = 132
_SHORT_MATERIAL: Final = 18
_INSERT: Final = "I"


@dataclass(frozen=True, slots=True)
class CreateFunction:
    """
    A create function and the prefix of its parameters.

    ``by_schedule_line`` tells where the quantity belongs: into schedule lines, or into the target
    quantity of documents that have none (memo requests).
    """

    name: str
    prefix: str
    by_schedule_line: bool = True


def create_parameters(
    function: CreateFunction, document: SalesDocument, options: RfcOptions
) -> Row:
    """Return the parameters with which *function* creates *document*; empty tables are left out."""
    header = header_row(document)
    items = [item_row(item, function.by_schedule_line, options) for item in document.items]
    conditions = [condition_row(each) for each in document.all_conditions()]
    addresses = AddressRows()
    prefix = function.prefix
    parameters: Row = {
        f"{prefix}_HEADER_IN": header,
        f"{prefix}_HEADER_INX": marked(header, {"UPDATEFLAG": _INSERT}),
        f"{prefix}_ITEMS_IN": items,
        f"{prefix}_ITEMS_INX": [
            marked(row, {"UPDATEFLAG": _INSERT}, "ITM_NUMBER") for row in items
        ],
        f"{prefix}_PARTNERS": [addresses.partner_row(each) for each in document.partners],
    }
    if function.by_schedule_line:
        lines = list(schedule_rows(document))
        parameters[f"{prefix}_SCHEDULES_IN"] = lines
        parameters[f"{prefix}_SCHEDULES_INX"] = [
            marked(row, {"UPDATEFLAG": _INSERT}, "ITM_NUMBER", "SCHED_LINE") for row in lines
        ]
    if conditions:
        parameters[f"{prefix}_CONDITIONS_IN"] = conditions
        parameters[f"{prefix}_CONDITIONS_INX"] = [
            marked(row, {"UPDATEFLAG": _INSERT}, "ITM_NUMBER", "COND_TYPE") for row in conditions
        ]
    if addresses.rows:
        parameters["PARTNERADDRESSES"] = addresses.rows
    if document.texts:
        parameters[f"{prefix}_TEXT"] = [row for each in document.texts for row in text_rows(each)]
    return parameters


def header_row(document: SalesDocument) -> Row:
    """Return the header; fields that are empty are left out."""
    area = document.sales_area
    return _filled(
        {
            "DOC_TYPE": document.sales_order_type,
            "SALES_ORG": area.sales_organization,
            "DISTR_CHAN": area.distribution_channel,
            "DIVISION": area.division,
            "PURCH_NO_C": document.purchase_order_by_customer,
            "PURCH_DATE": dats(document.purchase_order_date),
            "DOC_DATE": dats(document.document_date),
            "REQ_DATE_H": dats(document.requested_delivery_date),
            "QT_VALID_F": dats(document.valid_from),
            "QT_VALID_T": dats(document.valid_to),
            "PRICE_DATE": dats(document.pricing_date),
            "CURRENCY": document.currency,
            "DLV_BLOCK": document.delivery_block_reason,
            "BILL_BLOCK": document.billing_block_reason,
            "ORD_REASON": document.order_reason,
            "ASS_NUMBER": document.assignment,
            "PMNTTRMS": document.payment_terms,
            "INCOTERMS1": document.incoterms,
            "INCOTERMS2": document.incoterms_location,
            "REF_DOC": document.reference_document or "",
            "REFDOC_CAT": document.reference_category.value if document.reference_category else "",
        }
    )


def item_row(item: SalesDocumentItem, by_schedule_line: bool, options: RfcOptions) -> Row:
    """Return an item; its quantity is part of it only where there are no schedule lines."""
    row = item_fields(item, options)
    if not by_schedule_line:
        row["TARGET_QTY"] = item.requested_quantity.value
        row["TARGET_QU"] = item.requested_quantity.unit
    return _filled(row)


def item_fields(item: SalesDocumentItem, options: RfcOptions) -> Row:
    """Return what an item is, whether it is saved or only priced; its quantity is not here."""
    return {
        "ITM_NUMBER": numc(item.item_number),
        **material_fields(item.material, options),
        "CUST_MAT35": item.customer_material,
        "SHORT_TEXT": item.item_text,
        "ITEM_CATEG": item.item_category,
        "PLANT": item.plant,
        "SHIP_POINT": item.shipping_point,
        "SALES_UNIT": item.requested_quantity.unit,
        **reference_fields(item),
    }


def material_fields(material: str, options: RfcOptions) -> Row:
    """Return the material in the field that can hold it: 18 characters, or the long one of S/4."""
    number = internal_material(material, options.material_number_length)
    return {"MATERIAL" if len(number) <= _SHORT_MATERIAL else "MATERIAL_LONG": number}


def reference_fields(item: SalesDocumentItem) -> Row:
    """Return the reference to the preceding item, nothing where there is none."""
    reference = item.reference
    if reference is None:
        return {}
    return {
        "REF_DOC": pad_number(reference.document),
        "REF_DOC_IT": numc(reference.item_number),
        "REF_DOC_CA": reference.category.value,
    }


def schedule_rows(document: SalesDocument) -> Iterator[Row]:
    """Yield the schedule lines of all items."""
    for item in document.items:
        yield from schedule_rows_of(item, dats(document.requested_delivery_date))


def schedule_rows_of(item: SalesDocumentItem, header_date: str) -> Iterator[Row]:
    """Yield the schedule lines of an item; one without any gets one for its whole quantity."""
    number = numc(item.item_number)
    if not item.schedule_lines:
        yield {
            "ITM_NUMBER": number,
            "SCHED_LINE": "0001",
            "REQ_DATE": header_date,
            "REQ_QTY": item.requested_quantity.value,
        }
    for count, line in enumerate(item.schedule_lines, start=1):
        yield _filled(
            {
                "ITM_NUMBER": number,
                "SCHED_LINE": numc(count, 4),
                "REQ_DATE": dats(line.requested_delivery_date),
                "REQ_QTY": line.requested_quantity.value,
                "MS_DATE": dats(line.material_availability_date),
                "GI_DATE": dats(line.goods_issue_date),
            }
        )


def condition_row(condition: Condition) -> Row:
    """Return a manual condition; a rate without currency is a percentage, 5 meaning 5 %."""
    row: Row = {
        "ITM_NUMBER": numc(condition.item_number) if condition.item_number else HEADER_ITEM,
        "COND_TYPE": condition.condition_type,
        "COND_VALUE": condition.rate,
    }
    if condition.currency is not None:
        row["CURRENCY"] = condition.currency
    if condition.unit is not None:
        row["COND_UNIT"] = condition.unit
        row["COND_P_UNT"] = Decimal(condition.per)
    return row


def text_rows(text: Text) -> Iterator[Row]:
    """
    Yield the lines of a text, cut at 132 characters.

    ``*`` begins the text, ``/`` a line of its own, ``=`` continues the line before without blank.
    """
    common = {
        "ITM_NUMBER": numc(text.item_number) if text.item_number else HEADER_ITEM,
        "TEXT_ID": text.text_id,
        "LANGU_ISO": text.language,
    }
    for number, line in enumerate(text.content.splitlines()):
        pieces = [line[at : at + _TEXT_WIDTH] for at in range(0, len(line), _TEXT_WIDTH)] or [""]
        for count, piece in enumerate(pieces):
            column = "=" if count else "/" if number else "*"
            yield {**common, "FORMAT_COL": column, "TEXT_LINE": piece}


class AddressRows:
    """Hands out the links between partners and the addresses that are given with them."""

    def __init__(self) -> None:
        self.rows: list[Row] = []

    def partner_row(self, partner: Partner) -> Row:
        row = {
            "PARTN_ROLE": partner.function.value,
            "PARTN_NUMB": pad_number(partner.customer),
            "ITM_NUMBER": numc(partner.item_number) if partner.item_number else HEADER_ITEM,
        }
        if partner.address is not None:
            row["ADDR_LINK"] = self.link(partner.address)
        return row

    def link(self, address: Address) -> str:
        """Take *address* along, and return the link by which its partner names it."""
        link = str(len(self.rows) + 1)
        self.rows.append(_address_row(link, address))
        return link


def _address_row(link: str, address: Address) -> Row:
    return _filled(
        {
            "ADDR_NO": link,
            "NAME": address.name,
            "NAME_2": address.name_2,
            "STREET": address.street[:40],
            "STREET_LNG": address.street if len(address.street) > 40 else "",
            "POSTL_COD1": address.postal_code,
            "CITY": address.city,
            "REGION": address.region,
            "COUNTRY": address.country,
            "TEL1_NUMBR": address.telephone,
            "E_MAIL": address.email,
        }
    )


def _filled(row: Mapping[str, Any]) -> Row:
    return {name: value for name, value in row.items() if value != ""}


def marked(row: Row, more: Row, *keys: str) -> Row:
    """Return the check structure of *row*: keys as they are, an X for every other field."""
    return {name: value if name in keys else "X" for name, value in row.items()} | more
