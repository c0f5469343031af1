"""The debit memo request over RFC (VBTYP L): made like the credit memo request, by its type."""

from __future__ import annotations

from typing import Final

from connector.erp.rfc.sales_document import CreateFunction

CREATE: Final = CreateFunction("BAPI_SALESORDER_CREATEFROMDAT2", "ORDER", by_schedule_line=False)
