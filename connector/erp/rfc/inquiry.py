"""The inquiry over RFC (VBTYP A)."""

from __future__ import annotations

from typing import Final

from connector.erp.rfc.sales_document import CreateFunction

CREATE: Final = CreateFunction("BAPI_INQUIRY_CREATEFROMDATA2", "INQUIRY")
