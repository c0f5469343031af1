"""Which release of the sales order's service answers: it differs more than the others do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from connector.erp.odata import (
    credit_memo_request,
    inquiry,
    quotation,
    returns_order,
    sales_order,
)
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.service import ODataService
from connector.erp.odata.shape import Shape
from connector.sd_documents.values import DocumentCategory as C


class Services(Protocol):
    """Hands out the services of one ERP by name and version."""

    def service(self, name: str, version: str = "") -> ODataService:
        """Return the service; nothing is called before it is used."""
        ...


@dataclass(slots=True)
class Shapes:
    """The shape of each kind of sales document on one ERP."""

    services: Services
    options: ODataOptions
    _sales_order: Shape | None = field(default=None)

    def of(self, category: C) -> Shape | None:
        """
        Return the shape, None for a category that no service has.

        For sales orders the service is asked once what it has, unless the options say it.
        """
        if category is C.SALES_ORDER:
            return self._of_sales_orders()
        return _SHAPES.get(category)

    def release(self) -> str:
        """Return the release of the sales order's service: 2020, or 2026 for later ones."""
        return "2026" if self._of_sales_orders() is sales_order.SHAPE_2026 else "2020"

    def _of_sales_orders(self) -> Shape:
        if self._sales_order is None:
            release: str = self.options.sales_order_release
            if release == "auto":
                described = self.services.service(sales_order.SERVICE).metadata()
                release = "2026" if sales_order.ONLY_IN_2026.encode() in described else "2020"
            self._sales_order = (
                sales_order.SHAPE_2026 if release == "2026" else sales_order.SHAPE_2020
            )
        return self._sales_order


_SHAPES = {
    C.INQUIRY: inquiry.SHAPE,
    C.QUOTATION: quotation.SHAPE,
    C.RETURNS_ORDER: returns_order.SHAPE,
    C.CREDIT_MEMO_REQUEST: credit_memo_request.SHAPE,
}
