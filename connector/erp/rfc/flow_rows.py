"""
Rows of the document flow (VBFA) as links between items.

Only direct followers count: the table also holds followers of followers, marked by their level.
Quantities stand in the base unit and are converted to the sales unit of the preceding item.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, NamedTuple

from connector.erp.rfc.read_table import TableRow, number
from connector.erp.rfc.wire import CATEGORIES, category, day, money, stored_money
from connector.sd_documents.document_flow import BILLED_BY, REFERENCED_BY, FlowLink
from connector.sd_documents.values import DocumentCategory, ItemReference, Money, Quantity

#: Followers whose rows carry a value; a delivery or a goods movement has none.
_VALUED: Final = (
    BILLED_BY
    | REFERENCED_BY
    | {
        DocumentCategory.RETURNS_ORDER,
        DocumentCategory.CREDIT_MEMO_REQUEST,
        DocumentCategory.DEBIT_MEMO_REQUEST,
        DocumentCategory.PRO_FORMA_INVOICE,
    }
)
_SIGNS: Final = {"+": 1, "-": -1, "": 0}
_DIRECT: Final = 0
_THOUSANDTH: Final = Decimal("0.001")

Key = tuple[str, int, str, int, str]


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One row, from either source, before its quantity is converted."""

    preceding: ItemReference
    subsequent: ItemReference
    quantity: Decimal
    unit: str
    net_amount: Money | None
    sign: int
    created_on: date | None

    @property
    def key(self) -> Key:
        """What makes the row unique."""
        before, after = self.preceding, self.subsequent
        return (before.document, before.item_number, after.document, after.item_number,
                after.category.value)  # fmt: skip


def from_list(row: Mapping[str, Any]) -> FlowRow | None:
    """
    Return a row of the detailed list (BAPISDFLOW); None for what the connector has no use for.

    A follower of a follower is no link, unless the row names the document between.
    """
    before, after = category(row, "DOC_CAT_SD"), category(row, "DOCCATEGOR")
    direct = int(row["LEVELFLOWR"]) == _DIRECT or row["PRECSDDOC"] != row["SD_DOC"]
    if not direct or before is None or after is None:
        return None
    currency = row["STATISCURR"]
    return _row(
        _Ends(
            before, row["PRECSDDOC"], row["PREDITDOC"], after, row["SUBSSDDOC"], row["SUBSITDOC"]
        ),
        quantity=row["REF_QTY"],
        unit=row["BASE_UOM"],
        net_amount=money(row["REFERENVAL"], currency) if currency and after in _VALUED else None,
        sign=row["QTYPOSCALC"],
        created=row["CREAT_DATE"],
    )


def from_table(row: TableRow) -> FlowRow | None:
    """Return a row of VBFA; None for what the connector has no use for."""
    before, after = CATEGORIES.get(row["VBTYP_V"]), CATEGORIES.get(row["VBTYP_N"])
    if int(row["STUFE"] or 0) != _DIRECT or before is None or after is None:
        return None
    currency = row["WAERS"]
    value = stored_money(number(row["RFWRT"]), currency) if currency else None
    return _row(
        _Ends(before, row["VBELV"], row["POSNV"], after, row["VBELN"], row["POSNN"]),
        quantity=number(row["RFMNG"]),
        unit=row["MEINS"],
        net_amount=value if after in _VALUED else None,
        sign=row["PLMIN"],
        created=row["ERDAT"],
    )


class _Ends(NamedTuple):
    """Both ends of a row as they came."""

    before: DocumentCategory
    preceding: str
    preceding_item: str
    after: DocumentCategory
    subsequent: str
    subsequent_item: str


def _row(
    ends: _Ends,
    *,
    quantity: Decimal,
    unit: str,
    net_amount: Money | None,
    sign: str,
    created: str,
) -> FlowRow | None:
    before, after = int(ends.preceding_item), int(ends.subsequent_item)
    if not before or not after:
        # Rows of headers: the flow is item to item.
        return None
    return FlowRow(
        ItemReference(category=ends.before, document=ends.preceding, item_number=before),
        ItemReference(category=ends.after, document=ends.subsequent, item_number=after),
        quantity,
        unit,
        net_amount,
        _SIGNS[sign],
        day(created),
    )


@dataclass(slots=True)
class Units:
    """Sales unit of items, and how many base units one of it is."""

    _known: dict[tuple[str, int], tuple[str, Decimal]] = field(default_factory=dict)

    def learn(self, document: str, item_number: int, unit: str, base_factor: Decimal) -> None:
        """Remember an item."""
        self._known[document, item_number] = (unit, base_factor)

    def in_sales_unit(self, row: FlowRow) -> Quantity:
        """Return the row's quantity in the sales unit of its preceding item where it is known."""
        known = self._known.get((row.preceding.document, row.preceding.item_number))
        value, unit = abs(row.quantity), row.unit
        if known is not None and known[0] and known[0] != unit:
            unit = known[0]
            value = (value / known[1]).quantize(_THOUSANDTH, ROUND_HALF_UP)
        return Quantity(value=value, unit=unit)


def links(rows: Iterable[FlowRow], units: Units) -> Iterator[FlowLink]:
    """Yield the links that *rows* stand for; rows without unit have no quantity and no link."""
    for row in rows:
        if row.unit:
            yield FlowLink(
                preceding=row.preceding,
                subsequent=row.subsequent,
                quantity=units.in_sales_unit(row),
                net_amount=row.net_amount,
                sign=row.sign,
                created_on=row.created_on,
            )
