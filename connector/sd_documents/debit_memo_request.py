"""The debit memo request: money owed without goods."""

from __future__ import annotations

from typing import ClassVar

from connector.sd_documents.sales_document import SalesDocument
from connector.sd_documents.values import DocumentCategory


class DebitMemoRequest(SalesDocument):
    """A request to charge the customer in addition (VBTYP L)."""

    category: DocumentCategory = DocumentCategory.DEBIT_MEMO_REQUEST
    allowed_categories: ClassVar[frozenset[DocumentCategory]] = frozenset(
        {DocumentCategory.DEBIT_MEMO_REQUEST}
    )
