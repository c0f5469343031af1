"""The quotation over RFC (VBTYP B); its validity goes into QT_VALID_F and QT_VALID_T."""

from __future__ import annotations

from typing import Final

from connector.erp.rfc.sales_document import CreateFunction

CREATE: Final = CreateFunction("BAPI_QUOTATION_CREATEFROMDATA2", "QUOTATION")
