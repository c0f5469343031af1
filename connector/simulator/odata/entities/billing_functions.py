"""Function imports of the billing service: cancelling, and the printed document."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.billing_print import printed
from connector.simulator.odata.entities.billing_rows import NAME
from connector.simulator.odata.entities.forms import Forms, document_number
from connector.simulator.odata.entity_set import Context, Entity, FunctionImport, Value

if TYPE_CHECKING:
    from connector.simulator.engine.finance_records import BillingDocument
    from connector.simulator.odata.entities.settings import EntitySettings

Parameters = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class BillingFunctions:
    """The functions, each on one billing document."""

    settings: EntitySettings

    def imports(self) -> dict[str, FunctionImport]:
        """Return the function imports by name."""
        return {"Cancel": self.cancel, "GetPDF": self.pdf}

    def cancel(self, given: Parameters, context: Context) -> Sequence[Entity]:
        """Cancel a billing document on today's date and name the cancellation."""
        record = _document(given, context)
        outcome = context.session.cancel_billing_document(record.number)
        writing.accepted(context, outcome)
        forms = Forms.of(context, self.settings)
        return [
            Entity(
                {
                    "BillingDocument": forms.number(record.number),
                    "CancellationBillingDocument": forms.number(outcome.number),
                    "SystemMessageType": row.type,
                    "SystemMessageIdentification": row.id,
                    "SystemMessageNumber": row.number,
                    "SystemMessageText": row.text,
                    "SystemMessageVariable1": row.v1,
                    "SystemMessageVariable2": row.v2,
                    "SystemMessageVariable3": row.v3,
                    "SystemMessageVariable4": row.v4,
                }
            )
            for row in outcome.messages
        ]

    def pdf(self, given: Parameters, context: Context) -> Entity:
        """Return the printed billing document, base64-encoded."""
        record = _document(given, context)
        content = printed(Forms.of(context, self.settings), record)
        return Entity({"BillingDocumentBinary": base64.b64encode(content).decode("ascii")})


def _document(given: Parameters, context: Context) -> BillingDocument:
    number = document_number(given.get(NAME))
    found = context.erp.billing_document(number)
    if found is None:
        raise writing.refusal(context, "billing document unknown", number.lstrip("0"))
    return found
