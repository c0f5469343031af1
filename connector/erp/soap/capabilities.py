"""What SOAP can do of each operation, and through which services."""

from __future__ import annotations

from typing import Final

from connector.erp.soap.options import ORDER_WRAPPER
from connector.erp.soap.payment import OPERATION
from connector.ports.capabilities import Access, Capabilities, Capability, ErpOperation

_NONE: Final = Capability(Access.NONE)

#: Payments are found, and orders are read and changed, over another transport. Orders need a
#: function of the customer's own that creates and commits.
CAPABILITIES: Final[Capabilities] = {
    **dict.fromkeys(ErpOperation, _NONE),
    ErpOperation.SALES_ORDER: Capability(Access.CREATE, (ORDER_WRAPPER,)),
    ErpOperation.PAYMENT: Capability(Access.CREATE, (OPERATION,)),
}
