"""The returns order: goods come back, money goes back."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory


class ReturnsOrder(SalesDocument):
    """A return with the reason why (VBTYP H); usually under a billing block until goods are in."""

    category: DocumentCategory = DocumentCategory.RETURNS_ORDER
    allowed_categories: ClassVar[frozenset[DocumentCategory]] = frozenset(
        {DocumentCategory.RETURNS_ORDER}
    )

    @model_validator(mode="after")
    def _has_reason(self) -> Self:
        if not self.order_reason:
            raise ValueError("a returns order needs an order reason")
        return self
