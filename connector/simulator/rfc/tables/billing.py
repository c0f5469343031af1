"""VBRK and VBRP: the billing documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from connector.simulator.rfc import keys
from connector.simulator.rfc.tables.source import Source, Table, following_documents

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import BillingDocument, BillingItem


@dataclass(frozen=True, slots=True)
class Header:
    """A row of VBRK."""

    source: Source
    document: BillingDocument

    @property
    def transfer(self) -> str:
        """Posting status BUCHK: C when accounting has it, A when it does not yet."""
        match self.document.transfer_status:
            case "C" | "E":
                return "C"
            case "D":
                return ""
        return "A"

    @property
    def overall(self) -> str:
        """A billing document is done when accounting is."""
        return self.transfer or "C"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of VBRP."""

    header: Header
    item: BillingItem

    @property
    def document(self) -> BillingDocument:
        """The billing document the item belongs to."""
        return self.header.document


def documents(source: Source) -> Iterator[BillingDocument]:
    """Yield the billing documents that the selection can let in."""
    return following_documents(
        source,
        "billing",
        source.numbers("VGBEL") or source.numbers("AUBEL"),
        source.erp.billing_documents_of,
        source.erp.billing_document,
    )


def headers(source: Source) -> Iterator[Header]:
    """Rows of VBRK."""
    return (Header(source, document) for document in documents(source))


def items(source: Source) -> Iterator[Line]:
    """Rows of VBRP."""
    for header in headers(source):
        for item in header.document.items:
            yield Line(header, item)


def _money(amount: Callable[[BillingItem], Decimal]) -> Callable[[Line], Decimal]:
    return lambda x: x.header.source.stored(amount(x.item), x.document.currency)


def _fiscal_year(header: Header) -> int:
    posted = header.source.erp.accounting_documents_of("VBRK", header.document.number)
    return posted[0].fiscal_year if posted else 0


VBRK = Table(
    headers,
    {
        "VBELN": lambda x: x.document.number,
        "FKART": lambda x: x.document.billing_type,
        "VBTYP": lambda x: x.document.category,
        "WAERK": lambda x: x.document.currency,
        "VKORG": lambda x: x.document.sales_organization,
        "VTWEG": lambda x: x.document.distribution_channel,
        "KNUMV": lambda x: x.document.number,
        "FKDAT": lambda x: x.document.billing_date,
        "BELNR": lambda x: x.document.accounting_document,
        "GJAHR": _fiscal_year,
        "INCO1": lambda x: x.document.incoterms,
        "INCO2": lambda x: x.document.incoterms_location,
        "RFBSK": lambda x: x.document.transfer_status,
        "ZTERM": lambda x: x.document.terms_of_payment,
        "BUKRS": lambda x: x.document.company_code,
        "NETWR": lambda x: x.source.stored(x.document.net_value, x.document.currency),
        "ERNAM": lambda x: x.document.created_by,
        "ERZET": lambda x: x.source.local(x.document.created_at).time(),
        "ERDAT": lambda x: x.source.local(x.document.created_at).date(),
        "KUNRG": lambda x: x.document.payer,
        "KUNAG": lambda x: x.document.sold_to,
        "AEDAT": lambda x: (
            x.source.local(x.document.changed_at).date()
            if x.document.changed_at != x.document.created_at
            else None
        ),
        "FKSTO": lambda x: "X" if x.document.cancelled else "",
        "SFAKN": lambda x: x.document.cancelled_document,
        "SPART": lambda x: x.document.division,
        "ZUKRI": lambda x: x.document.combination_criteria,
        "XBLNR": lambda x: x.document.reference,
        "ZUONR": lambda x: x.document.assignment,
        "MWSBK": lambda x: x.source.stored(x.document.tax_amount, x.document.currency),
        "BSTNK_VF": lambda x: x.document.purchase_order_by_customer,
        "BUCHK": lambda x: x.transfer,
        "GBSTK": lambda x: x.overall,
    },
)

VBRP = Table(
    items,
    {
        "VBELN": lambda x: x.document.number,
        "POSNR": lambda x: x.item.item_number,
        "FKIMG": lambda x: x.item.quantity,
        "VRKME": lambda x: x.item.sales_unit,
        "NETWR": _money(lambda i: i.net_value),
        "VBELV": lambda x: x.item.sales_document,
        "POSNV": lambda x: x.item.sales_item,
        "VGBEL": lambda x: x.item.reference_document,
        "VGPOS": lambda x: x.item.reference_item,
        "VGTYP": lambda x: x.item.reference_category,
        "AUBEL": lambda x: x.item.sales_document,
        "AUPOS": lambda x: x.item.sales_item,
        "MATNR": lambda x: keys.material_out(x.item.material),
        "ARKTX": lambda x: x.item.description,
        "MATKL": lambda x: x.item.material_group,
        "PSTYV": lambda x: x.item.item_category,
        "WERKS": lambda x: x.item.plant,
        "KZWI1": _money(lambda i: i.gross_value),
        "WAVWR": _money(lambda i: i.cost),
        "MWSBP": _money(lambda i: i.tax_amount),
        "MWSKZ": lambda x: x.item.tax_code,
        "FPLNR": lambda x: x.item.billing_plan,
        "FPLTR": lambda x: x.item.billing_plan_date,
        "ERDAT": lambda x: x.header.source.local(x.document.created_at).date(),
    },
)

TABLES = {"VBRK": VBRK, "VBRP": VBRP}
