"""Writing partners of sales documents that exist, and the addresses they have there."""

from __future__ import annotations

from dataclasses import dataclass

from connector.simulator.engine.specs import Partner, SalesDocumentChange
from connector.simulator.odata.entities import sales_request as request
from connector.simulator.odata.entities import writing
from connector.simulator.odata.entities.forms import document_number, text
from connector.simulator.odata.entities.partners import AddressRows
from connector.simulator.odata.entities.records import Writers
from connector.simulator.odata.entities.sales_change import Changes, SalesChange
from connector.simulator.odata.entity_set import Body, Context, Key


@dataclass(frozen=True, slots=True)
class PartnerWriter(SalesChange):
    """Writes partners of the header and of items."""

    def writers(self) -> Writers:
        """Return what may be done."""
        return Writers(self.create, self.update, self.delete)

    def create(self, body: Body, context: Context) -> Key:
        """Add a partner, or put it in the place of the one that has its function."""
        record = self.record(body.values, context)
        number = self.item(body.values)
        partner = request.partners([body], number)[0]
        self.send(context, record.number, SalesDocumentChange(partners=[partner]))
        internal = context.erp.master_data.partner_function(partner.function)
        shown = self.forms(context).partner_function(internal)
        return {**self.place(record.number, number, context), "PartnerFunction": shown}

    def update(self, key: Key, changes: Changes, context: Context) -> None:
        """Put another customer into a function."""
        record = self.record(key, context)
        told = writing.filled(changes)
        self.refuse(told - {"Customer"})
        function = text(key.get("PartnerFunction"))
        partner = Partner(function, document_number(changes.get("Customer")), self.item(key))
        if "Customer" in told:
            self.send(context, record.number, SalesDocumentChange(partners=[partner]))

    def delete(self, key: Key, context: Context) -> None:
        """Remove an item's own partner: the header's takes its place."""
        record = self.record(key, context)
        gone = (text(key.get("PartnerFunction")), self.item(key))
        self.send(context, record.number, SalesDocumentChange(removed_partners=[gone]))


@dataclass(frozen=True, slots=True)
class AddressWriter(SalesChange):
    """Gives partners an address of their own in a document."""

    def writers(self) -> Writers:
        """Return what may be done."""
        return Writers(update=self.update)

    def update(self, key: Key, changes: Changes, context: Context) -> None:
        """Change the address: what is not named stays as the document or the customer has it."""
        record = self.record(key, context)
        number = self.item(key)
        internal = context.erp.master_data.partner_function(text(key.get("PartnerFunction")))
        customer = record.partner_number(internal, number)
        before = self.current(AddressRows(self.document, bool(number)), key, context)
        wanted = Partner(internal, customer, number, request.address({**before, **changes}))
        self.send(context, record.number, SalesDocumentChange(partners=[wanted]))
