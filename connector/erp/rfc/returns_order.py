"""The returns order over RFC (VBTYP H): a function of its own with parameters named RETURN_."""

from __future__ import annotations

from typing import Final

from connector.erp.rfc.sales_document import CreateFunction

CREATE: Final = CreateFunction("BAPI_CUSTOMERRETURN_CREATE", "RETURN")
