"""
Which sales documents changed since a watermark, in themselves or anywhere in their chain.

Documents carry the moment of their creation (ERDAT, ERZET), but of their last change only the day
(AEDAT): the moment is in the change documents (CDHDR), in ECC and S/4HANA alike. S/4HANA also
stamps a sales document when something that follows it changes (UPD_TMSTMP); in ECC a purchase
order of a third-party item is seen when the chain is read for another reason. Payments and
clearings are found by the moment at which accounting documents were entered. So a question costs
what changed since the last one, and not what changed that day.

A document may be stamped long before it is committed, clocks differ, and an hour comes twice when
daylight saving ends: each question therefore reaches back behind its watermark
(`RfcOptions.changes_overlap_s`). What was reported already is left out, see `erp.reported`. Once a
day is over its changes are asked for by date as well, for what leaves no change document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from connector.erp.payment_lines import invoice_in
from connector.erp.reported import Token
from connector.erp.rfc.change_mark import ChangeMark
from connector.erp.rfc.customer_items import clearing_year
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.read_table import (
    Condition,
    ReadTable,
    TableRow,
    above,
    any_of,
    at_least,
    below,
    differs,
    equals,
)
from connector.erp.rfc.tables import (
    BKPF,
    BSAD,
    BSEG,
    CDHDR,
    LIKP,
    LIPS,
    VBAK,
    VBAK_STAMPED,
    VBRK,
    VBRP,
    Table,
)
from connector.erp.rfc.wire import dats

#: How long after midnight a stamp of the day before may still appear.
SETTLES_IN: Final = timedelta(hours=1)
#: How far ahead the ERP's clock may be.
_AHEAD: Final = timedelta(hours=1)
#: Accounting documents of billing and of goods movements clear nothing that their own document
#: does not show; they are most of all documents.
_NEVER_CLEARS: Final = ("VBRK", "MKPF")
#: Object class of change documents by the table of the documents.
_CLASSES: Final = {"VERKBELEG": "VBAK", "LIEFERUNG": "LIKP", "FAKTBELEG": "VBRK"}


@dataclass(slots=True)
class Pull:
    """
    One question. ``now`` is the present moment where the ERP keeps its books.

    ``before`` is what was reported with the watermark already. Afterwards ``numbers`` are the sales
    documents, ``tokens`` what the next question may answer again, ``mark`` where it begins.
    """

    tables: ReadTable
    options: RfcOptions
    is_s4: bool
    mark: ChangeMark
    before: frozenset[Token]
    now: datetime
    numbers: set[str] = field(default_factory=set)
    tokens: set[Token] = field(default_factory=set)
    is_news: bool = False
    _newest: str = ""
    _deliveries: set[str] = field(default_factory=set)
    _billing: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Report all sales documents there are."""
        stamped = ("UPD_TMSTMP",) if self._has_time_stamps else ()
        table = VBAK_STAMPED if stamped else VBAK
        rows = self.tables.rows(table, ("VBELN", "ERDAT", "ERZET", *stamped))
        for row in rows:
            self.numbers.add(row["VBELN"])
            self._newest = max(self._newest, row["ERDAT"] + row["ERZET"])
        if not rows:
            return
        self.is_news = True
        self.mark = self.mark.moved_to(self._newest, self.now).swept(self._settled)
        overlap = timedelta(seconds=self.options.changes_overlap_s)
        again = f"{self.mark.reaching_back(overlap):%Y%m%d%H%M%S}"
        for row in rows:
            if row["ERDAT"] + row["ERZET"] >= again:
                self.tokens.add(("VBAK", row["VBELN"], row["ERDAT"] + row["ERZET"]))
            for name in stamped:
                self.tokens.add(("VBAK", row["VBELN"], row[name]))

    def go_on(self) -> None:
        """Report what changed since the mark."""
        since = self.mark.reaching_back(timedelta(seconds=self.options.changes_overlap_s))
        self._created(since)
        if self._has_time_stamps:
            self._stamped_in_s4(since)
        self._changed(since)
        entered = self._entered(since)
        self._sweep()
        self._billing |= self._paid(entered)
        self.numbers |= self._column(LIPS, "VGBEL", self._deliveries)
        self.numbers |= self._column(VBRP, "AUBEL", self._billing)
        moved = self.mark.moved_to(self._newest, self.now).swept(self._settled)
        self.is_news = self.is_news or not self.tokens <= self.before or moved != self.mark
        self.mark = moved

    @property
    def _has_time_stamps(self) -> bool:
        return self.is_s4 and self.options.sales_time_stamps

    @property
    def _settled(self) -> str:
        """The present day, once it is an hour old."""
        return dats((self.now - SETTLES_IN).date())

    def _created(self, since: datetime) -> None:
        for table in (VBAK, LIKP, VBRK):
            fields = ("VBELN", "ERDAT", "ERZET")
            for row in self._since(table, fields, ("ERDAT", "ERZET"), since):
                self._note(table.name, row["VBELN"], self._stamped(row, "ERDAT", "ERZET"))

    def _stamped_in_s4(self, since: datetime) -> None:
        """
        Ask for sales documents by the time stamp that S/4HANA keeps, which their followers move.

        The column is a digit wider than the function gives it: the text tells stamps apart and
        says no moment.
        """
        zone = ZoneInfo(self.options.time_zone)
        later = at_least("UPD_TMSTMP", f"{since.replace(tzinfo=zone).astimezone(UTC):%Y%m%d%H%M%S}")
        for row in self.tables.rows(VBAK_STAMPED, ("VBELN", "UPD_TMSTMP"), later):
            self._note("VBAK", row["VBELN"], row["UPD_TMSTMP"])

    def _changed(self, since: datetime) -> None:
        if not self.options.change_documents:
            for table in (VBAK, LIKP, VBRK):
                since_day = at_least("AEDAT", dats(since.date()))
                for changed in self.tables.rows(table, ("VBELN", "AEDAT"), since_day):
                    # A day says nothing of the hour: what changed that day may have changed again.
                    self._add(table.name, changed["VBELN"])
            return
        fields = ("OBJECTCLAS", "OBJECTID", "CHANGENR", "UDATE", "UTIME")
        classes = any_of("OBJECTCLAS", _CLASSES)
        for row in self._since(CDHDR, fields, ("UDATE", "UTIME"), since, classes):
            self._stamped(row, "UDATE", "UTIME")
            self._note(_CLASSES[row["OBJECTCLAS"]], row["OBJECTID"], row["CHANGENR"])

    def _entered(self, since: datetime) -> list[TableRow]:
        """Return the accounting documents that were entered and may have cleared something."""
        codes = self.options.company_codes
        found = []
        for row in self._since(
            BKPF,
            ("BUKRS", "BELNR", "GJAHR", "CPUDT", "CPUTM"),
            ("CPUDT", "CPUTM"),
            since,
            *([any_of("BUKRS", codes)] if codes else []),
            *(differs("AWTYP", made_from) for made_from in _NEVER_CLEARS),
        ):
            key = row["BUKRS"] + row["BELNR"] + row["GJAHR"]
            token = ("BKPF", key, self._stamped(row, "CPUDT", "CPUTM"))
            self.tokens.add(token)
            if token not in self.before:
                found.append(row)
        return found

    def _sweep(self) -> None:
        """Once a day is over, report what its date stamps show."""
        if not self.options.change_documents or self.mark.swept_until >= self._settled:
            return
        for table in (VBAK, LIKP, VBRK):
            for row in self.tables.rows(
                table,
                ("VBELN", "AEDAT"),
                at_least("AEDAT", self.mark.swept_until),
                below("AEDAT", self._settled),
            ):
                self._add(table.name, row["VBELN"])

    def _since(
        self,
        table: Table,
        fields: Sequence[str],
        stamp: tuple[str, str],
        since: datetime,
        *conditions: Condition,
    ) -> Iterator[TableRow]:
        """Yield rows by their day and time: a read of the first day, one of those that follow."""
        day, time = stamp
        first = dats(since.date())
        yield from self.tables.rows(
            table, fields, *conditions, equals(day, first), at_least(time, f"{since:%H%M%S}")
        )
        if dats((self.now + _AHEAD).date()) > first:
            yield from self.tables.rows(table, fields, *conditions, above(day, first))

    def _stamped(self, row: TableRow, day: str, time: str) -> str:
        stamp = row[day] + row[time]
        self._newest = max(self._newest, stamp)
        return stamp

    def _note(self, table: str, number: str, stamp: str) -> None:
        token = (table, number, stamp)
        self.tokens.add(token)
        if token not in self.before:
            self._add(table, number)

    def _add(self, table: str, number: str) -> None:
        self.is_news = True
        found = {"VBAK": self.numbers, "LIKP": self._deliveries, "VBRK": self._billing}
        found[table].add(number)

    def _paid(self, entered: Sequence[TableRow]) -> set[str]:
        """Return the billing documents that *entered* documents cleared, paid in part or name."""
        if not entered:
            return set()
        documents = sorted({row["BELNR"] for row in entered})
        companies = any_of("BUKRS", sorted({row["BUKRS"] for row in entered}))
        fields = ("VBELN", "REBZG", "XREF3")
        lines = [
            *self._cleared_by(entered, fields),
            *self.tables.rows(
                BSEG,
                fields,
                companies,
                any_of("BELNR", documents),
                any_of("GJAHR", sorted({row["GJAHR"] for row in entered})),
                equals("KOART", "D"),
            ),
        ]
        found = {row["VBELN"] for row in lines if row["VBELN"]}
        named = {row["REBZG"] or invoice_in(row["XREF3"]) for row in lines if not row["VBELN"]}
        invoices = self.tables.rows(
            BKPF,
            ("BELNR", "AWKEY"),
            companies,
            any_of("BELNR", sorted(named - {""})),
            equals("AWTYP", "VBRK"),
        )
        return found | {row["AWKEY"] for row in invoices}

    def _cleared_by(self, entered: Sequence[TableRow], fields: Sequence[str]) -> Iterator[TableRow]:
        """Yield what *entered* documents cleared, and nothing of their numbers in other years."""
        documents = {(row["BUKRS"], row["BELNR"], int(row["GJAHR"])) for row in entered}
        rows = self.tables.rows(
            BSAD,
            ("BUKRS", "GJAHR", "BUDAT", "AUGBL", "AUGDT", *fields),
            any_of("BUKRS", sorted({code for code, _, _ in documents})),
            any_of("AUGBL", sorted({number for _, number, _ in documents})),
        )
        for row in rows:
            year = clearing_year(row, self.options)
            # A clearing may be dated later than its document, see `fiscal_years`.
            own = {(row["BUKRS"], row["AUGBL"], each) for each in (year, year - 1)}
            if own & documents:
                yield row

    def _column(self, table: Table, field_name: str, documents: Iterable[str]) -> set[str]:
        rows = self.tables.rows(table, ("VBELN", field_name), any_of("VBELN", sorted(documents)))
        return {row[field_name] for row in rows if row[field_name]}
