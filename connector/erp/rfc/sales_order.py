"""The sales order over RFC (VBTYP C)."""

from __future__ import annotations

from typing import Final

from connector.erp.rfc.sales_document import CreateFunction

CREATE: Final = CreateFunction("BAPI_SALESORDER_CREATEFROMDAT2", "ORDER")
