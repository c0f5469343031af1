"""VBAK, VBAP, VBKD, VBPA and VBEP: the sales documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from connector.simulator.rfc import keys
from connector.simulator.rfc.handlers import sales_rows
from connector.simulator.rfc.tables.source import Source, Table, stamp

if TYPE_CHECKING:
    from connector.simulator.engine.sales_records import SalesDocument, SalesItem, ScheduleLine
    from connector.simulator.engine.specs import Partner
    from connector.simulator.engine.status import SalesItemStatus, SalesStatus

#: Width of BSTNK: the first characters of the customer's reference.
_SHORT_REFERENCE = 20


@dataclass(slots=True)
class Header:
    """A row of VBAK; its status is looked up when a column asks for it."""

    source: Source
    document: SalesDocument
    _status: SalesStatus | None = None

    @property
    def status(self) -> SalesStatus:
        """Status of the document, looked up once."""
        if self._status is None:
            self._status = self.source.erp.sales_status(self.document.number)
        return self._status


@dataclass(frozen=True, slots=True)
class Line:
    """A row of VBAP, VBEP or an item's row of VBKD."""

    header: Header
    item: SalesItem
    schedule: ScheduleLine | None = None

    @property
    def document(self) -> SalesDocument:
        """The document the item belongs to."""
        return self.header.document

    @property
    def status(self) -> SalesItemStatus:
        """Status of the item."""
        return self.header.status.items[self.item.item_number]


@dataclass(frozen=True, slots=True)
class PartnerLine:
    """A row of VBPA."""

    header: Header
    partner: Partner


def documents(source: Source) -> Iterator[SalesDocument]:
    """Yield the documents that the selection can let in, by the cheapest index."""
    numbers = source.numbers("VBELN")
    if numbers is not None:
        for number in numbers:
            found = source.erp.sales_document(number)
            if found is not None:
                yield found
        return
    references = source.pinned("BSTKD") or _exact_references(source)
    if references is not None:
        for reference in references:
            yield from source.erp.sales_documents_by_purchase_order(reference)
        return
    customers = source.numbers("KUNNR")
    if customers is not None:
        for customer in customers:
            yield from source.erp.sales_documents_of_customer(customer)
        return
    dates = (("ERDAT", "ERZET"), "AEDAT")
    for number in source.changed("sales", *dates, stamp="UPD_TMSTMP"):
        found = source.erp.sales_document(number)
        if found is not None:
            yield found


def _exact_references(source: Source) -> tuple[str, ...] | None:
    """A full BSTNK may be the beginning of a longer reference: then the index does not help."""
    values = source.pinned("BSTNK")
    if values is None or any(len(value) >= _SHORT_REFERENCE for value in values):
        return None
    return values


def headers(source: Source) -> Iterator[Header]:
    """Rows of VBAK."""
    return (Header(source, document) for document in documents(source))


def items(source: Source) -> Iterator[Line]:
    """Rows of VBAP."""
    for header in headers(source):
        for item in header.document.items:
            yield Line(header, item)


def schedule_lines(source: Source) -> Iterator[Line]:
    """Rows of VBEP."""
    for line in items(source):
        for schedule in line.item.schedule_lines:
            yield Line(line.header, line.item, schedule)


def business(source: Source) -> Iterator[Header | Line]:
    """Rows of VBKD: the header's, and one for each item with data of its own."""
    for header in headers(source):
        yield header
        for item in header.document.items:
            own = (item.terms_of_payment, item.incoterms, item.purchase_order_item)
            if any(own) or item.billing_plan_number:
                yield Line(header, item)


def partners(source: Source) -> Iterable[PartnerLine]:
    """Rows of VBPA. A customer there is any partner, not only the sold-to."""
    wider = Source(source.erp, _without(source, "KUNNR"), source.s4)
    for header in headers(wider):
        for partner in header.document.partners:
            yield PartnerLine(header, partner)


def _without(source: Source, column: str) -> Any:
    condition = source.condition
    equal = {name: values for name, values in condition.equal.items() if name != column}
    return type(condition)(condition.test, condition.fields, equal, condition.lowest)


def _changed_on(header: Header) -> date | None:
    document = header.document
    return header.source.local(document.changed_at).date() if document.version > 1 else None


def _last_change(header: Header) -> Decimal:
    changed = header.source.erp.last_change("sales", header.document.number)
    return stamp(changed or header.document.changed_at)


def _money(amount: Callable[[SalesItem], Decimal]) -> Callable[[Line], Decimal]:
    return lambda x: x.header.source.stored(amount(x.item), x.document.currency)


def _item_or_header(field: str) -> Callable[[Any], Any]:
    def value(row: Header | Line) -> Any:
        own = getattr(row.item, field) if isinstance(row, Line) else ""
        return own or getattr(row.document, field)

    return value


VBAK = Table(
    headers,
    {
        "VBELN": lambda x: x.document.number,
        "ERDAT": lambda x: x.source.local(x.document.created_at).date(),
        "ERZET": lambda x: x.source.local(x.document.created_at).time(),
        "ERNAM": lambda x: x.document.created_by,
        "ANGDT": lambda x: x.document.valid_from,
        "BNDDT": lambda x: x.document.valid_to,
        "AUDAT": lambda x: x.document.document_date,
        "VBTYP": lambda x: x.document.category,
        "AUART": lambda x: x.document.document_type,
        "AUGRU": lambda x: x.document.order_reason,
        "LIFSK": lambda x: x.document.delivery_block,
        "FAKSK": lambda x: x.document.billing_block,
        "NETWR": lambda x: x.source.stored(x.document.net_value, x.document.currency),
        "WAERK": lambda x: x.document.currency,
        "VKORG": lambda x: x.document.sales_organization,
        "VTWEG": lambda x: x.document.distribution_channel,
        "SPART": lambda x: x.document.division,
        "KNUMV": lambda x: x.document.number,
        "VDATU": lambda x: x.document.requested_delivery_date,
        "AUTLF": lambda x: "X" if x.document.complete_delivery else "",
        "KALSM": lambda x: x.document.pricing_procedure,
        "VSBED": lambda x: x.document.shipping_conditions,
        "BSTNK": lambda x: x.document.purchase_order_by_customer,
        "BSARK": lambda x: x.document.purchase_order_type,
        "BSTDK": lambda x: x.document.purchase_order_date,
        "BNAME": lambda x: x.document.name,
        "KUNNR": lambda x: x.document.sold_to,
        "AEDAT": _changed_on,
        "KNKLI": lambda x: x.document.credit_account,
        "XBLNR": lambda x: x.document.reference,
        "ZUONR": lambda x: x.document.assignment,
        "VGBEL": lambda x: x.document.reference_document,
        "BUKRS_VF": lambda x: x.document.company_code,
        "UPD_TMSTMP": _last_change,
        "RFSTK": lambda x: x.status.reference,
        "LFSTK": lambda x: x.status.delivery,
        "LFGSK": lambda x: x.status.delivery,
        "FKSAK": lambda x: x.status.order_billing,
        "ABSTK": lambda x: x.status.rejection,
        "GBSTK": lambda x: x.status.overall,
        "UVALL": lambda x: x.status.incompletion,
        "CMGST": lambda x: x.status.credit,
    },
)

VBAP = Table(
    items,
    {
        "VBELN": lambda x: x.document.number,
        "POSNR": lambda x: x.item.item_number,
        "MATNR": lambda x: keys.material_out(x.item.material),
        "MATKL": lambda x: x.item.material_group,
        "ARKTX": lambda x: x.item.description,
        "PSTYV": lambda x: x.item.item_category,
        "FKREL": lambda x: (
            x.header.source.erp.master_data.item_categories[x.item.item_category].billing_relevance
        ),
        "UEPOS": lambda x: x.item.higher_level_item,
        "ABGRU": lambda x: x.item.rejection_reason,
        "ZMENG": lambda x: x.item.quantity if x.document.category in "GKL" else 0,
        "ZIEME": lambda x: x.item.sales_unit if x.document.category in "GKL" else "",
        "MEINS": lambda x: x.item.base_unit,
        "KDMAT": lambda x: x.item.customer_material,
        "UEBTO": lambda x: x.item.over_delivery_tolerance,
        "UNTTO": lambda x: x.item.under_delivery_tolerance,
        "UEBTK": lambda x: "X" if x.item.unlimited_over_delivery else "",
        "FAKSP": lambda x: x.item.billing_block,
        "NETWR": _money(lambda i: i.net_value),
        "WAERK": lambda x: x.document.currency,
        "KZTLF": lambda x: x.item.partial_delivery,
        "KWMENG": lambda x: 0 if x.document.category in "GKL" else x.item.quantity,
        "KBMENG": lambda x: x.item.confirmed_quantity,
        "KLMENG": lambda x: sales_rows.in_base_unit(x.item, x.item.confirmed_quantity),
        "VRKME": lambda x: x.item.sales_unit,
        "UMVKZ": lambda x: x.item.base_numerator,
        "UMVKN": lambda x: x.item.base_denominator,
        "VGBEL": lambda x: x.item.reference_document,
        "VGPOS": lambda x: x.item.reference_item,
        "VGTYP": lambda x: x.item.reference_category,
        "WERKS": lambda x: x.item.plant,
        "VSTEL": lambda x: x.item.shipping_point,
        "ROUTE": lambda x: x.item.route,
        "ERDAT": lambda x: x.header.source.local(x.document.created_at).date(),
        "ERNAM": lambda x: x.document.created_by,
        "ERZET": lambda x: x.header.source.local(x.document.created_at).time(),
        "NETPR": _money(lambda i: i.net_price),
        "KPEIN": lambda x: x.item.net_price_per,
        "KMEIN": lambda x: x.item.net_price_unit,
        "KZWI1": _money(lambda i: i.gross_value),
        "KZWI2": _money(lambda i: i.net_value),
        "WAVWR": _money(lambda i: i.cost),
        "MWSBP": _money(lambda i: i.tax_amount),
        "AEDAT": lambda x: _changed_on(x.header),
        "POSEX": lambda x: x.item.purchase_order_item,
        "LFSTA": lambda x: x.status.delivery,
        "LFGSA": lambda x: x.status.delivery,
        "FKSAA": lambda x: x.status.order_billing,
        "ABSTA": lambda x: x.status.rejection,
        "RFSTA": lambda x: x.status.reference,
        "GBSTA": lambda x: x.status.overall,
    },
)

VBKD = Table(
    business,
    {
        "VBELN": lambda x: x.document.number,
        "POSNR": lambda x: x.item.item_number if isinstance(x, Line) else 0,
        "INCO1": _item_or_header("incoterms"),
        "INCO2": _item_or_header("incoterms_location"),
        "ZTERM": _item_or_header("terms_of_payment"),
        "PRSDT": lambda x: x.document.pricing_date,
        "FKDAT": lambda x: x.document.billing_date,
        "BSTKD": lambda x: x.document.purchase_order_by_customer,
        "BSTDK": lambda x: x.document.purchase_order_date,
        "BSARK": lambda x: x.document.purchase_order_type,
        "FPLNR": lambda x: x.item.billing_plan_number if isinstance(x, Line) else "",
        "POSEX_E": lambda x: x.item.purchase_order_item if isinstance(x, Line) else "",
    },
)

VBPA = Table(
    partners,
    {
        "VBELN": lambda x: x.header.document.number,
        "POSNR": lambda x: x.partner.item_number,
        "PARVW": lambda x: x.partner.function,
        "KUNNR": lambda x: x.partner.customer,
        "ADRNR": lambda x: "" if x.partner.address else x.partner.customer,
        "LAND1": lambda x: (
            x.partner.address.country
            if x.partner.address
            else getattr(x.header.source.erp.customer(x.partner.customer), "country", "")
        ),
        "ADRDA": lambda x: "B" if x.partner.address else "D",
    },
)

VBEP = Table(
    schedule_lines,
    {
        "VBELN": lambda x: x.document.number,
        "POSNR": lambda x: x.item.item_number,
        "ETENR": lambda x: x.schedule.line,
        "EDATU": lambda x: x.schedule.delivery_date,
        "WMENG": lambda x: x.schedule.quantity,
        "BMENG": lambda x: x.schedule.confirmed_quantity,
        "VRKME": lambda x: x.item.sales_unit,
        "LMENG": lambda x: sales_rows.in_base_unit(x.item, x.schedule.confirmed_quantity),
        "MEINS": lambda x: x.item.base_unit,
        "MBDAT": lambda x: x.schedule.material_availability_date,
        "LDDAT": lambda x: x.schedule.goods_issue_date,
        "WADAT": lambda x: x.schedule.goods_issue_date,
        "TDDAT": lambda x: x.schedule.goods_issue_date,
        "ETTYP": lambda x: "CS" if x.schedule.covered_by == "vendor" else "CP",
        "BANFN": lambda x: x.schedule.requisition,
        "BNFPO": lambda x: 10 if x.schedule.requisition else 0,
    },
)

TABLES = {"VBAK": VBAK, "VBAP": VBAP, "VBKD": VBKD, "VBPA": VBPA, "VBEP": VBEP}
