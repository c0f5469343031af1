"""The quotation: price and date offered until a day."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import model_validator

from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory


class Quotation(SalesDocument):
    """An offer that binds between ``valid_from`` and ``valid_to`` (VBTYP B)."""

    category: DocumentCategory = DocumentCategory.QUOTATION
    allowed_categories: ClassVar[frozenset[DocumentCategory]] = frozenset(
        {DocumentCategory.QUOTATION}
    )

    @model_validator(mode="after")
    def _has_validity(self) -> Self:
        if self.valid_from is None or self.valid_to is None:
            raise ValueError("a quotation needs valid_from and valid_to")
        if self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        return self
