"""
The credit memo request over RFC (VBTYP K).

There is no function of its own: the order's creates it, by its document type. It has no schedule
lines; the quantity is the item's target quantity.
"""

from __future__ import annotations

from typing import Final

from connector.erp.rfc.sales_document import CreateFunction

CREATE: Final = CreateFunction("BAPI_SALESORDER_CREATEFROMDAT2", "ORDER", by_schedule_line=False)
