"""
Read many sales documents in one call: BAPISDORDER_GETDETAILEDLIST.

It reads every kind of sales document, leaves out those that do not exist, and fills only the views
that are asked for. Amounts are in external format.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from connector.erp.rfc.flow_rows import Units
from connector.erp.rfc.session import Session
from connector.erp.rfc.wire import category, day, external_material, money, required_day, status
from connector.sd_documents.billing_plan import BillingPlanDate
from connector.sd_documents.conditions import ConditionValue
from connector.sd_documents.partners import Address, Partner, PartnerFunction
from connector.sd_documents.sales_document import (
    PostedSalesDocument,
    PostedSalesDocumentItem,
    SalesArea,
)
from connector.sd_documents.schedule_lines import ScheduleLine
from connector.sd_documents.status import CreditStatus
from connector.sd_documents.values import ItemReference, Quantity, pad_number, total

FUNCTION: Final = "BAPISDORDER_GETDETAILEDLIST"

_HEADER: Final = "000000"
_EVERYTHING: Final = (
    *("HEADER", "ITEM", "SDSCHEDULE", "BUSINESS", "STATUS_H", "STATUS_I", "SDCOND", "BILLPLAN"),
)
_BRIEF: Final = ("HEADER", "ITEM", "BUSINESS")
_PARTNERS: Final = ("PARTNER", "ADDRESS")
_FOR_CHANGE: Final = ("HEADER", "ITEM", "SDSCHEDULE", "BUSINESS", "PARTNER")

#: Address indicators of a partner whose address was given with the document (VBPA-ADRDA).
_OWN_ADDRESS: Final = ("B", "C", "E", "F")
#: Data is missing in all or some of the document; blank and C are none of these.
_INCOMPLETE: Final = ("A", "B")
_FUNCTIONS: Final = {function.value: function for function in PartnerFunction}

Row = Mapping[str, Any]
Rows = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class DetailedList:
    """One answer, with its tables grouped by document where they hold many rows of each."""

    headers: Mapping[str, Row]
    business: Mapping[str, Row]
    header_status: Mapping[str, Row]
    item_status: Mapping[tuple[str, str], Row]
    items: Rows
    schedules: Mapping[tuple[str, str], Sequence[Row]]
    conditions: Rows
    flows: Rows
    plan_dates: Mapping[tuple[str, str], Sequence[Row]]
    partners: Rows
    addresses: Rows

    @property
    def numbers(self) -> tuple[str, ...]:
        """Numbers of the documents that exist, in ascending order."""
        return tuple(sorted(self.headers))


def call_brief(session: Session, numbers: Iterable[str]) -> DetailedList:
    """Read headers, items and references alone: enough to tell whether a document is there."""
    return _call(session, numbers, _BRIEF)


def call_for_change(session: Session, numbers: Iterable[str]) -> DetailedList:
    """Read what a change starts from, and what shows that it was made."""
    return _call(session, numbers, _FOR_CHANGE)


def call_full(session: Session, numbers: Iterable[str], with_flow: bool = False) -> DetailedList:
    """Read all that `posted_documents` needs, with the flow to all followers if asked."""
    return _call(session, numbers, (*_EVERYTHING, "FLOW") if with_flow else _EVERYTHING)


def call_with_partners(session: Session, numbers: Iterable[str]) -> DetailedList:
    """Read all that `posted_documents` needs, partners and their own addresses included."""
    return _call(session, numbers, (*_EVERYTHING, *_PARTNERS))


def _call(session: Session, numbers: Iterable[str], views: Sequence[str]) -> DetailedList:
    wanted = [{"VBELN": pad_number(number)} for number in dict.fromkeys(numbers)]
    answer = session.call(FUNCTION, I_BAPI_VIEW=dict.fromkeys(views, "X"), SALES_DOCUMENTS=wanted)
    schedules: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in answer["ORDER_SCHEDULES_OUT"]:
        schedules[row["DOC_NUMBER"], row["ITM_NUMBER"]].append(row)
    return DetailedList(
        headers={row["DOC_NUMBER"]: row for row in answer["ORDER_HEADERS_OUT"]},
        business={
            row["SD_DOC"]: row
            for row in answer["ORDER_BUSINESS_OUT"]
            if row["ITM_NUMBER"] == _HEADER
        },
        header_status={row["SD_DOC"]: row for row in answer["ORDER_STATUSHEADERS_OUT"]},
        item_status={
            (row["SD_DOC"], row["ITM_NUMBER"]): row for row in answer["ORDER_STATUSITEMS_OUT"]
        },
        items=_grouped(answer["ORDER_ITEMS_OUT"], "DOC_NUMBER"),
        schedules=schedules,
        conditions=_grouped(answer["ORDER_CONDITIONS_OUT"], "SD_DOC"),
        flows=_grouped(answer["ORDER_FLOWS_OUT"], "SD_DOC"),
        plan_dates=_by_item(answer["ORDER_BILLINGDATES_OUT"]),
        partners=_grouped(answer["ORDER_PARTNERS_OUT"], "SD_DOC"),
        addresses=_grouped(answer["ORDER_ADDRESS_OUT"], "DOC_NUMBER"),
    )


def _by_item(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row["SD_DOC"], row["ITM_NUMBER"]].append(row)
    return groups


def _grouped(rows: Iterable[Row], field: str) -> Rows:
    groups: Rows = defaultdict(list)
    for row in rows:
        groups[row[field]].append(row)
    return groups


def posted_documents(found: DetailedList) -> Iterator[PostedSalesDocument]:
    """
    Yield the documents of *found*, in ascending order of their numbers.

    Documents of a category that the connector has no use for (a contract) are left out.
    """
    for number in found.numbers:
        header = found.headers[number]
        if category(header, "SD_DOC_CAT") is not None:
            yield _document(number, header, found)


def _document(number: str, header: Row, found: DetailedList) -> PostedSalesDocument:
    currency = header["CURRENCY"]
    business, state = found.business[number], found.header_status[number]
    items = tuple(_item(row, currency, found) for row in found.items[number])
    kind = category(header, "SD_DOC_CAT")
    assert kind is not None
    return PostedSalesDocument(
        number=number,
        category=kind,
        sales_order_type=header["DOC_TYPE"],
        sales_area=SalesArea(
            sales_organization=header["SALES_ORG"],
            distribution_channel=header["DISTR_CHAN"],
            division=header["DIVISION"],
        ),
        purchase_order_by_customer=business["PURCH_NO_C"],
        document_date=required_day(header["DOC_DATE"], f"{number}: DOC_DATE"),
        requested_delivery_date=day(header["REQ_DATE_H"]),
        sold_to_party=header["SOLD_TO"],
        currency=currency,
        items=items,
        condition_values=tuple(_condition_values(found.conditions.get(number, ()), currency)),
        net_amount=money(header["NET_VAL_HD"], currency),
        tax_amount=total(
            (item.tax_amount for item in items if not item.rejection_reason), currency
        ),
        delivery_status=status(state["DELIV_STAT"]),
        billing_status=status(state["BILLINGSTA"]),
        overall_status=status(state["PRC_STAT_H"]),
        reference_status=status(state["REFDOCHDST"]),
        credit_status=CreditStatus(state["TOTSTATCCH"]),
        delivery_block_reason=header["DLV_BLOCK"],
        billing_block_reason=header["BILL_BLOCK"],
        payment_terms=business["PMNTTRMS"],
        is_incomplete=state["TOTINCOMPL"] in _INCOMPLETE,
        partners=tuple(_partners(number, found)),
    )


def _partners(number: str, found: DetailedList) -> Iterator[Partner]:
    """Yield the partners of the functions that the connector knows; empty where none were read."""
    addresses = {row["ADDRESS"]: row for row in found.addresses.get(number, ())}
    for row in found.partners.get(number, ()):
        function = _FUNCTIONS.get(row["PARTN_ROLE"])
        if function is None:
            continue
        address = addresses.get(row["ADDRESS"]) if row["ADDRE_INDI"] in _OWN_ADDRESS else None
        yield Partner(
            function=function,
            customer=row["CUSTOMER"],
            item_number=int(row["ITM_NUMBER"]) or None,
            address=_address(address) if address is not None else None,
        )


def _address(row: Row) -> Address:
    return Address(
        name=row["NAME"],
        name_2=row["NAME_2"],
        street=row["STREET"],
        postal_code=row["POSTL_CODE"],
        city=row["CITY"],
        region=row["REGION"],
        country=row["COUNTRYISO"] or row["COUNTRY"],
        telephone=row["TELEPHONE"],
    )


def _item(row: Row, currency: str, found: DetailedList) -> PostedSalesDocumentItem:
    key = (row["DOC_NUMBER"], row["ITM_NUMBER"])
    state = found.item_status[key]
    unit = row["SALES_UNIT"] or row["TARGET_QU"]
    return PostedSalesDocumentItem(
        item_number=int(row["ITM_NUMBER"]),
        material=material_of(row),
        requested_quantity=ordered_quantity(row),
        confirmed_quantity=Quantity(value=row["CUM_CF_QTY"], unit=unit),
        item_category=row["ITEM_CATEG"],
        plant=row["PLANT"],
        net_amount=money(row["NET_VALUE"], currency),
        tax_amount=money(row["TAX_AMOUNT"], currency),
        gross_amount=money(row["SUBTOT_PP1"], currency),
        cost_amount=money(row["COST_DOC_C"], currency),
        delivery_status=status(state["DELIV_STAT"]),
        billing_status=status(state["BILLSTATIT"]),
        overall_status=status(state["OVRPROCSTA"]),
        rejection_reason=row["REA_FOR_RE"],
        schedule_lines=tuple(_schedule_line(line, unit) for line in found.schedules.get(key, ())),
        billing_plan=tuple(_plan_date(line, currency) for line in found.plan_dates.get(key, ())),
        reference=_reference(row),
    )


def _plan_date(row: Row, currency: str) -> BillingPlanDate:
    return BillingPlanDate(
        number=int(row["BILL_PLANI"]),
        billing_date=required_day(row["BILL_DATE"], "BILL_DATE of a billing plan"),
        net_amount=money(row["NET_VALUE"], currency),
        percent=row["INVOICEPER"],
        billing_block_reason=row["BILLBLOCK"],
        billing_status=status(row["STATBILLPL"]),
        description=row["DATEDESCRI"],
    )


def material_of(row: Row) -> str:
    """Return the item's material: the long number where the release has one."""
    return external_material(row.get("MATERIAL_LONG") or row["MATERIAL"])


def ordered_quantity(row: Row) -> Quantity:
    """Return the item's quantity; memo requests have it as their target quantity."""
    if row["REQ_QTY"] or not row["TARGET_QTY"]:
        return Quantity(value=row["REQ_QTY"], unit=row["SALES_UNIT"] or row["TARGET_QU"])
    return Quantity(value=row["TARGET_QTY"], unit=row["TARGET_QU"] or row["SALES_UNIT"])


def learn_unit(units: Units, row: Row) -> None:
    """Remember the item's sales unit, and how many base units one of it is."""
    numerator, denominator = row["SALES_QTY1"], row["SALES_QTY2"]
    factor = numerator / denominator if numerator and denominator else Decimal(1)
    units.learn(row["DOC_NUMBER"], int(row["ITM_NUMBER"]), ordered_quantity(row).unit, factor)


def _reference(row: Row) -> ItemReference | None:
    kind = category(row, "DOC_CAT_SD")
    if not row["REF_DOC"] or kind is None or row["POSNR_VOR"] == _HEADER:
        return None
    return ItemReference(category=kind, document=row["REF_DOC"], item_number=int(row["POSNR_VOR"]))


def _schedule_line(row: Row, unit: str) -> ScheduleLine:
    return ScheduleLine(
        requested_delivery_date=required_day(row["REQ_DATE"], "REQ_DATE of a schedule line"),
        requested_quantity=Quantity(value=row["REQ_QTY"], unit=unit),
        material_availability_date=day(row["MS_DATE"]),
        goods_issue_date=day(row["GI_DATE"]),
        confirmed_quantity=Quantity(value=row["CONFIR_QTY"], unit=unit),
    )


def _condition_values(rows: Iterable[Row], currency: str) -> Iterator[ConditionValue]:
    """Yield active conditions of the items; those of the header are shares of them again."""
    for row in rows:
        if row["ITM_NUMBER"] == _HEADER or row["CONDISACTI"]:
            continue
        yield ConditionValue(
            condition_type=row["COND_TYPE"],
            item_number=int(row["ITM_NUMBER"]),
            value=money(row["CONDVALUE"], currency),
            tax_code=row["TAX_CODE"],
            statistical=bool(row["STAT_CON"]),
        )
