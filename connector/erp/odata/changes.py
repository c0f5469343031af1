"""
Which sales documents changed since a watermark, in themselves or anywhere in their chain.

Sales and billing documents carry the instant of their last change, deliveries and clearings only
its day. The watermark holds, per service, the newest stamp that the ERP itself gave. Each question
reaches back a little behind it, since a document may be stamped before it is committed, and days
are read again while they last; what was reported with the same stamp already is left out as long as
this process remembers it. A watermark that is not remembered (another process, an older one) only
makes changes be reported again.

The watermark never passes the moment at which the question was asked: a document that changes
while a long answer is read is found by the next one, and a clock of the ERP that ran ahead and was
set back hides nothing.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from connector.clock import Clock
from connector.erp.odata import billing_document, customer_items, delivery_reading
from connector.erp.odata.answers import understood
from connector.erp.odata.filters import any_of, both, chunks, compared
from connector.erp.odata.kinds import Kinds
from connector.erp.odata.names import optional_number, shown_number, stored_number
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.release import Services, Shapes
from connector.erp.odata.row import Row
from connector.erp.odata.sales_documents import LOOKED_FOR
from connector.erp.odata.service import ODataService, Query
from connector.erp.payment_lines import invoice_in
from connector.ports.erp import ChangedDocuments

#: How long after midnight a stamp of the day before may still appear.
_DAY_SETTLES_IN: Final = timedelta(hours=1)
#: Watermarks whose reported changes are remembered.
_REMEMBERED: Final = 8

_CLEARINGS: Final = "clearings"

_log = structlog.get_logger(__name__)

Token = tuple[str, str, str]


@dataclass(slots=True)
class Seen:
    """What was reported with which watermark; any thread may ask."""

    _by_watermark: OrderedDict[str, frozenset[Token]] = field(default_factory=OrderedDict)
    _count: int = 0
    _process: str = field(default_factory=lambda: secrets.token_hex(4))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, watermark: str) -> frozenset[Token]:
        """Return what was reported up to *watermark* and may be answered again."""
        with self._lock:
            return self._by_watermark.get(watermark, frozenset())

    def remember(self, marks: dict[str, str], tokens: Iterable[Token]) -> str:
        """Return a new watermark for *marks* and remember *tokens* with it."""
        with self._lock:
            self._count += 1
            # No two are equal, of this process or another, so that an older one, given again,
            # hides nothing newer.
            watermark = json.dumps(
                {**marks, "pull": f"{self._process}-{self._count}"}, sort_keys=True
            )
            self._by_watermark[watermark] = frozenset(tokens)
            while len(self._by_watermark) > _REMEMBERED:
                self._by_watermark.popitem(last=False)
            return watermark


@dataclass(frozen=True, slots=True)
class Changes:
    """Asks each service what changed, and maps it back to sales documents."""

    services: Services
    shapes: Shapes
    kinds: Kinds
    options: ODataOptions
    clock: Clock
    seen: Seen = field(default_factory=Seen)

    def since(self, watermark: str) -> ChangedDocuments:
        """
        Return the sales documents with a change in their chain since *watermark* (empty: all).
        """
        marks = _marks(watermark)
        pull = _Pull(self, marks, self.seen.before(watermark), self.clock.now())
        pull.sales_documents()
        if marks:
            pull.deliveries()
            pull.billing_and_clearings()
        else:
            pull.begin()
        if not pull.next_marks:
            return ChangedDocuments((), "")
        if marks and not pull.is_news:
            return ChangedDocuments((), watermark)
        return ChangedDocuments(
            tuple(sorted(pull.numbers)), self.seen.remember(pull.next_marks, pull.tokens)
        )


@dataclass(slots=True)
class _Pull:
    """One pull: what it found, and the marks that the next one starts from."""

    changes: Changes
    marks: dict[str, str]
    before: frozenset[Token]
    started: datetime
    numbers: set[str] = field(default_factory=set)
    tokens: set[Token] = field(default_factory=set)
    next_marks: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.next_marks = dict(self.marks)

    @property
    def is_news(self) -> bool:
        """Whether anything was answered that was not reported with the same stamp before."""
        return not self.tokens <= self.before or self.next_marks != self.marks

    def sales_documents(self) -> None:
        """Ask each service of sales documents."""
        for category in LOOKED_FOR:
            shape = self.changes.shapes.of(category)
            if shape is None:
                continue
            service = self.changes.services.service(shape.service)
            new = self._new_by_instant(service, shape.header_set, shape.document)
            self.changes.kinds.learn(category, new)
            self.numbers |= new

    def begin(self) -> None:
        """Let deliveries, billing and clearings begin at the newest sales document."""
        newest = max(self.next_marks.values(), default="")
        if not newest:
            return
        on = min(_instant(newest).astimezone(self._zone).date(), self._settled).isoformat()
        self.next_marks[billing_document.SERVICE] = newest
        self.next_marks[delivery_reading.SERVICE] = self.next_marks[_CLEARINGS] = on

    def deliveries(self) -> None:
        """Ask which deliveries were made or changed, and what the new ones deliver."""
        service = self.changes.services.service(delivery_reading.SERVICE, delivery_reading.VERSION)
        name = delivery_reading.SERVICE
        fields = "DeliveryDocument,DeliveryVersion,CreationDate,LastChangeDate"
        conditions = [self._since_day(name, stamp) for stamp in ("CreationDate", "LastChangeDate")]
        queries = [
            Query(delivery_reading.HEADER_SET, _options(condition, fields))
            for condition in dict.fromkeys(conditions)
        ]
        new: set[str] = set()
        days: list[date] = []
        answers = service.batch(queries)
        with understood():
            for row in (row for rows in answers for row in rows):
                days += _dates(row, "CreationDate", "LastChangeDate")
                number = row.text("DeliveryDocument")
                if self._is_new((name, number, row.text("DeliveryVersion"))):
                    new.add(number)
        self._mark_day(name, days)
        place = (delivery_reading.ITEM_SET, "DeliveryDocument", "ReferenceSDDocument")
        self.numbers |= self._behind(service, place, new)

    def billing_and_clearings(self) -> None:
        """Ask which billing documents changed or were cleared, and for what sales documents."""
        service = self.changes.services.service(billing_document.SERVICE)
        new = self._new_by_instant(service, billing_document.HEADER_SET, "BillingDocument")
        new |= self._cleared()
        place = (billing_document.ITEM_SET, "BillingDocument", "SalesDocument")
        self.numbers |= self._behind(service, place, map(shown_number, new))

    def _cleared(self) -> set[str]:
        """
        Return the billing documents whose items were cleared, paid in part, or left with a rest.

        A partial payment and a residual item name the invoice that they belong to.
        """
        companies = self.changes.options.company_codes
        common = both(
            customer_items.CUSTOMER_LINES,
            any_of("CompanyCode", companies) if companies else "",
        )
        names_invoice = "(InvoiceReference ne '' or Reference3IDByBusinessPartner ne '')"
        cleared = self._since_day(_CLEARINGS, "ClearingCreationDate")
        entered = self._since_day(_CLEARINGS, "AccountingDocumentCreationDate")
        fields = (
            "CompanyCode,FiscalYear,AccountingDocument,AccountingDocumentItem,BillingDocument,"
            "ClearingAccountingDocument,ClearingCreationDate,AccountingDocumentCreationDate,"
            "InvoiceReference,Reference3IDByBusinessPartner"
        )
        conditions = (
            both(common, cleared, "BillingDocument ne ''"),
            both(common, cleared, names_invoice),
            both(common, entered, names_invoice),
        )
        service = self.changes.services.service(customer_items.SERVICE)
        answers = service.batch(
            [Query(customer_items.ENTITY_SET, _options(each, fields)) for each in conditions]
        )
        new: set[str] = set()
        named: set[str] = set()
        days: list[date] = []
        with understood():
            for row in (row for rows in answers for row in rows):
                self._note_item(row, new, named)
                days += _dates(row, "ClearingCreationDate", "AccountingDocumentCreationDate")
        self._mark_day(_CLEARINGS, days)
        return new | self._billing_of(service, named)

    def _note_item(self, row: Row, new: set[str], named: set[str]) -> None:
        """Add the billing document of a line that is news, or the invoice that it names."""
        billing = optional_number(row.text("BillingDocument"))
        clearing = row.text("ClearingAccountingDocument")
        # Numbers of accounting begin again each year, and in each company code.
        line = "".join(
            row.text(name)
            for name in (
                "CompanyCode",
                "FiscalYear",
                "AccountingDocument",
                "AccountingDocumentItem",
            )
        )
        invoice = optional_number(row.text("InvoiceReference")) or invoice_in(
            row.text("Reference3IDByBusinessPartner")
        )
        if billing is not None and clearing:
            if self._is_new((_CLEARINGS, billing, clearing)):
                new.add(billing)
        elif billing is None and invoice and self._is_new((_CLEARINGS, line, clearing)):
            named.add(invoice)

    def _billing_of(self, service: ODataService, invoices: set[str]) -> set[str]:
        """Return the billing documents that made the accounting documents *invoices*."""
        size = self.changes.options.documents_per_query
        found: set[str] = set()
        for part in chunks(sorted(map(shown_number, invoices)), size):
            condition = both(any_of("AccountingDocument", part), "BillingDocument ne ''")
            rows = service.rows(
                Query(customer_items.ENTITY_SET, _options(condition, "BillingDocument"))
            )
            with understood():
                found |= {
                    number
                    for row in rows
                    if (number := optional_number(row.text("BillingDocument")))
                }
        return found

    def _new_by_instant(self, service: ODataService, entity_set: str, document: str) -> set[str]:
        """Return the documents whose stamp is new, zero-padded."""
        mark = self.marks.get(service.name, "")
        settles = timedelta(seconds=self.changes.options.settles_in_s)
        condition = ""
        if mark:
            condition = compared("LastChangeDateTime", "ge", _instant(mark) - settles)
        new: set[str] = set()
        found: list[tuple[Token, datetime]] = []
        rows = service.rows(
            Query(entity_set, _options(condition, f"{document},LastChangeDateTime"))
        )
        with understood():
            for row in rows:
                number = stored_number(row.text(document))
                stamp = row.instant("LastChangeDateTime")
                # The version has more digits than JSON has of the instant.
                token = (service.name, number, row.etag or (_text(stamp) if stamp else ""))
                if token not in self.before:
                    new.add(number)
                if stamp is not None:
                    found.append((token, stamp))
        newest = max((stamp for _, stamp in found), default=None)
        if newest is not None:
            mark = max(mark, _text(min(newest, self.started)))
            self.next_marks[service.name] = mark
        if mark:
            # What the next question can answer again.
            again = _instant(mark) - settles
            self.tokens |= {token for token, stamp in found if stamp >= again}
        return new

    def _behind(
        self, service: ODataService, place: tuple[str, str, str], documents: Iterable[str]
    ) -> set[str]:
        """Return the sales documents that items of *documents* name."""
        entity_set, document, reference = place
        size = self.changes.options.documents_per_query
        queries = [
            Query(entity_set, _options(any_of(document, part), reference))
            for part in chunks(sorted(documents), size)
        ]
        if not queries:
            return set()
        answers = [service.rows(queries[0])] if len(queries) == 1 else service.batch(queries)
        with understood():
            return {
                number
                for rows in answers
                for row in rows
                if (number := optional_number(row.text(reference)))
            }

    def _is_new(self, token: Token) -> bool:
        self.tokens.add(token)
        return token not in self.before

    def _since_day(self, name: str, field_name: str) -> str:
        day = self.marks.get(name, "")
        return compared(field_name, "ge", date.fromisoformat(day)) if day else ""

    def _mark_day(self, name: str, days: Iterable[date]) -> None:
        """Move the day on to the last that was answered, once it is an hour old."""
        newest = max(days, default=None)
        if newest is not None:
            day = min(newest, self._settled).isoformat()
            self.next_marks[name] = max(self.marks.get(name, ""), day)

    @property
    def _settled(self) -> date:
        """The last day that is old enough to have all of the stamps of the day before it."""
        return (self.started - _DAY_SETTLES_IN).astimezone(self._zone).date()

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.changes.options.time_zone)


def _marks(watermark: str) -> dict[str, str]:
    """Return the marks of a watermark; one that is none of ours counts as none."""
    if not watermark:
        return {}
    try:
        marks = dict(json.loads(watermark))
        del marks["pull"]
        for name, mark in marks.items():
            if name in (delivery_reading.SERVICE, _CLEARINGS):
                date.fromisoformat(mark)
            else:
                _instant(mark)
    except (ValueError, TypeError, KeyError):
        # Of another transport, or damaged: to read everything again costs time and misses nothing.
        _log.warning("watermark unknown, all documents are read again")
        return {}
    return marks


def _options(condition: str, fields: str) -> dict[str, str]:
    return {"$filter": condition, "$select": fields} if condition else {"$select": fields}


def _dates(row: Row, *fields: str) -> list[date]:
    return [day for name in fields if (day := row.date(name)) is not None]


def _text(moment: datetime) -> str:
    """Return an instant so that later ones are greater as texts as well."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
