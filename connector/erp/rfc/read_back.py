"""
What was posted, read back: many documents of several threads in one call.

It is read in another session than the one that committed, which shows all the more that it is
there for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence

from connector.erp.rfc import detailed_list
from connector.erp.rfc.detailed_list import DetailedList
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.read_table import ReadTable, TableRow, any_of
from connector.erp.rfc.session import SessionPool
from connector.erp.rfc.tables import BKPF
from connector.erp.rfc.wire import numc
from connector.erp.together import Together
from connector.sd_documents.payment import AccountingDocumentKey


class ReadBacks:
    """Reads what was posted, in sessions of *pool*; raises CallFailed where a call fails."""

    def __init__(self, pool: SessionPool, options: RfcOptions) -> None:
        self._pool, self._options = pool, options
        self._documents = Together(self._read_documents)
        self._headers = Together(self._read_headers)

    def sales_document(self, number: str) -> DetailedList:
        """Return a brief list that has *number*, if it exists, perhaps among others."""
        return self._documents.answer(number)

    def accounting_document(self, key: AccountingDocumentKey) -> TableRow | None:
        """Return the header of *key*: reference, currency and posting date; None without one."""
        return self._headers.answer(key)

    def _read_documents(self, numbers: Sequence[str]) -> Sequence[DetailedList]:
        with self._pool.session() as session:
            found = detailed_list.call_brief(session, numbers)
        return [found] * len(numbers)

    def _read_headers(self, keys: Sequence[AccountingDocumentKey]) -> Sequence[TableRow | None]:
        with self._pool.session() as session:
            rows = ReadTable(session, self._options).rows(
                BKPF,
                ("BUKRS", "BELNR", "GJAHR", "XBLNR", "WAERS", "BUDAT"),
                any_of("BUKRS", (key.company_code for key in keys)),
                any_of("BELNR", (key.accounting_document for key in keys)),
                any_of("GJAHR", (numc(key.fiscal_year, 4) for key in keys)),
            )
        # The three lists also meet documents that nobody asked for.
        found = {(row["BUKRS"], row["BELNR"], row["GJAHR"]): row for row in rows}
        return [
            found.get((key.company_code, key.accounting_document, numc(key.fiscal_year, 4)))
            for key in keys
        ]
