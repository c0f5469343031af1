"""Whether the user may read the tables that an operation reads, without reading any row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connector.erp.rfc.master_data import TABLES as MASTER_DATA
from connector.erp.rfc.options import RfcOptions
from connector.erp.rfc.read_table import ReadTable
from connector.erp.rfc.reading import Reads
from connector.erp.rfc.release import Release
from connector.erp.rfc.session import Session
from connector.erp.rfc.tables import (
    BKPF,
    BSAD,
    BSEG,
    BSID,
    CDHDR,
    KNB1,
    LIKP,
    LIPS,
    T001,
    T074,
    VBAK,
    VBFA,
    VBKD,
    VBPA,
    VBRK,
    VBRP,
    VBUP,
    Table,
)
from connector.ports.capabilities import ErpOperation

_SALES: Final = (VBAK, VBKD)
_DELIVERIES: Final = (LIKP, LIPS)
_BILLING: Final = (VBRK, VBRP)
_ITEMS: Final = (BKPF, BSEG, BSID, BSAD)

_TABLES: Final[Mapping[ErpOperation, tuple[Table, ...]]] = {
    ErpOperation.INQUIRY: _SALES,
    ErpOperation.QUOTATION: _SALES,
    ErpOperation.SALES_ORDER: (*_SALES, VBPA),
    ErpOperation.RETURNS_ORDER: _SALES,
    ErpOperation.CREDIT_MEMO_REQUEST: _SALES,
    ErpOperation.DEBIT_MEMO_REQUEST: _SALES,
    ErpOperation.DELIVERY: _DELIVERIES,
    ErpOperation.GOODS_ISSUE: _DELIVERIES,
    ErpOperation.BILLING: _BILLING,
    ErpOperation.PAYMENT: _ITEMS,
    ErpOperation.DOCUMENT_FLOW: (VBAK, VBFA, *_DELIVERIES, *_BILLING, *_ITEMS),
    ErpOperation.OPEN_ITEMS: (*_ITEMS, KNB1, T001, T074),
    ErpOperation.MASTER_DATA: MASTER_DATA,
}


def probe(reads: Reads, options: RfcOptions, release: Release, operation: ErpOperation) -> None:
    """
    Ask for the columns of each table of *operation*.

    Raises:
        NotAuthorizedError: the user may not read one of them; the error names it.
        ConfigurationError: the ERP does not have one of them.
    """
    tables = list(_TABLES.get(operation, ()))
    if LIPS in tables and not release.is_s4:
        tables.append(VBUP)
    if operation is ErpOperation.DOCUMENT_FLOW and options.change_documents:
        tables.append(CDHDR)
    if operation is ErpOperation.OPEN_ITEMS:
        tables.append(Table(options.ledger_table, (), {}))

    def look(session: Session) -> None:
        for table in tables:
            ReadTable(session, options).look_at(table)

    if tables:
        reads.run(look)
