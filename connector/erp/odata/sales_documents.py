"""All sales documents over OData: the port's `SalesDocuments`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from connector.clock import Clock
from connector.erp.odata import sales_document_change, simulation
from connector.erp.odata.answers import after_posting, understood
from connector.erp.odata.filters import any_of, both, chunks, compared
from connector.erp.odata.kinds import Kinds
from connector.erp.odata.names import Names, shown_number, stored_number
from connector.erp.odata.options import ODataOptions
from connector.erp.odata.release import Services, Shapes
from connector.erp.odata.row import Row
from connector.erp.odata.sales_document import Writer, not_offered
from connector.erp.odata.sales_document_reading import FoundDocument, Reader, read_options
from connector.erp.odata.selection import selection
from connector.erp.odata.service import Query
from connector.erp.odata.shape import Shape
from connector.erp.odata.values import key
from connector.erp.odata.write import Write
from connector.errors import OutcomeUnknownError, RejectedError
from connector.ports.erp import OrderPayer, SalesOrderHead, SubmissionObserver
from connector.sd_documents.partners import PartnerFunction
from connector.sd_documents.sales_document import PostedSalesDocument, SalesDocument
from connector.sd_documents.sales_document_change import SalesDocumentChange
from connector.sd_documents.values import DocumentCategory as C
from connector.sd_documents.values import display_number

#: Where a document of unknown category is looked for: the commonest first.
LOOKED_FOR: Final = (
    C.SALES_ORDER,
    C.QUOTATION,
    C.RETURNS_ORDER,
    C.CREDIT_MEMO_REQUEST,
    C.INQUIRY,
)


@dataclass(frozen=True, slots=True)
class ODataSalesDocuments:
    """Creates, changes, prices, finds and reads sales documents of every kind with a service."""

    services: Services
    options: ODataOptions
    names: Names
    shapes: Shapes
    clock: Clock
    kinds: Kinds = field(default_factory=Kinds)

    def create(self, document: SalesDocument, observer: SubmissionObserver) -> str:
        """
        Post *document* with all that belongs to it in one request, and read it back.

        Raises also:
            RejectedError: the service has no field for something in *document*.
        """
        shape = self._shape(document.category)
        body = Writer(shape, self.names).document(document)
        service = self.services.service(shape.service)
        write = Write(observer, f"{shape.document} {document.purchase_order_by_customer}")
        created = service.create(shape.header_set, body, write)
        what = f"{shape.document} {document.purchase_order_by_customer}"
        with after_posting(what):
            number = stored_number(created.text(shape.document))
            observer.created_uncommitted((number,))
            self._require_equal(shape, number, document)
        self.kinds.learn(document.category, (number,))
        return number

    def change(self, change: SalesDocumentChange, observer: SubmissionObserver) -> None:
        """
        Make *change* in one unit of work, only as far as the document differs from it.

        Raises also:
            TransientError: somebody changed the document in between; read it again.
            RejectedError: it is not there, its service cannot change that, or the ERP refuses.
        """
        shape = self._shape(change.category)
        sales_document_change.make(
            self.services.service(shape.service), Writer(shape, self.names), change, observer
        )

    def simulate(self, document: SalesDocument) -> PostedSalesDocument:
        """Price *document* without saving it."""
        service = self.services.service(simulation.SERVICE)
        today = self.clock.today(self.options.time_zone)
        return simulation.simulate(service, document, self.names, today, self.options.simulated_as)

    def find(self, purchase_order_by_customer: str, category: C) -> tuple[str, ...]:
        """Return the numbers of the documents with that reference, oldest first."""
        shape = self.shapes.of(category)
        if shape is None:
            return ()
        rows = self.services.service(shape.service).rows(
            Query(
                shape.header_set,
                {
                    "$filter": compared(
                        "PurchaseOrderByCustomer", "eq", purchase_order_by_customer
                    ),
                    "$select": f"{shape.document},CreationDate",
                },
            )
        )
        with understood():
            found = [
                (row.date("CreationDate"), stored_number(row.text(shape.document))) for row in rows
            ]
            return tuple(number for _, number in sorted(found, key=_by_age))

    def read(
        self, numbers: Sequence[str], category: C | None = None
    ) -> tuple[PostedSalesDocument, ...]:
        """Read documents; without *category* each service is asked until all are found."""
        wanted = list(dict.fromkeys(stored_number(number) for number in numbers))
        found: dict[str, PostedSalesDocument] = {}
        if category is not None:
            found |= self._by_number(category, wanted)
            return tuple(found[number] for number in wanted if number in found)
        first, *others = LOOKED_FOR
        for kind, known in self.kinds.sorted_out(wanted, otherwise=first):
            found |= self._by_number(kind, known)
        for kind in others:
            missing = self.kinds.unknown(wanted)
            if not missing:
                break
            found |= self._by_number(kind, missing)
        return tuple(found[number] for number in wanted if number in found)

    def orders_created(self, first: date, last: date) -> tuple[SalesOrderHead, ...]:
        """Return all sales orders created between two days."""
        shape = self._shape(C.SALES_ORDER)
        rows = self.services.service(shape.service).rows(
            Query(
                shape.header_set,
                {
                    "$filter": both(
                        compared("CreationDate", "ge", first), compared("CreationDate", "le", last)
                    ),
                    "$select": f"{shape.document},PurchaseOrderByCustomer,SoldToParty,CreationDate",
                },
            )
        )
        with understood():
            found = [
                SalesOrderHead(
                    number=stored_number(row.text(shape.document)),
                    purchase_order_by_customer=row.text("PurchaseOrderByCustomer"),
                    sold_to_party=stored_number(row.text("SoldToParty")),
                    created_on=row.date("CreationDate") or first,
                )
                for row in rows
            ]
            return tuple(sorted(found, key=lambda each: each.number))

    def payers(self, sales_orders: Sequence[str]) -> tuple[OrderPayer, ...]:
        """Return the payers of sales orders, and of items that have their own."""
        shape = self._shape(C.SALES_ORDER)
        wanted = list(dict.fromkeys(stored_number(number) for number in sales_orders))
        if not wanted:
            return ()
        partner = ("PartnerFunction", "Customer")
        parts = [
            ("", (shape.document,)),
            ("to_Partner", partner),
            ("to_Item", (shape.item_key,)),
            ("to_Item/to_Partner", partner),
        ]
        rows = self._of_numbers(shape, wanted, selection(parts))
        found: list[OrderPayer] = []
        with understood():
            for row in rows:
                number = stored_number(row.text(shape.document))
                found += self._payers_in(row, number, 0)
                for item in row.rows("to_Item"):
                    found += self._payers_in(item, number, int(item.text(shape.item_key)))
        return tuple(sorted(found, key=lambda each: (each.sales_order, each.item_number)))

    def _payers_in(self, row: Row, number: str, item_number: int) -> Iterator[OrderPayer]:
        for partner in row.rows("to_Partner"):
            function = self.names.function(partner.text("PartnerFunction"))
            if function is PartnerFunction.PAYER:
                yield OrderPayer(number, item_number, stored_number(partner.text("Customer")))

    def _by_number(self, category: C, numbers: Iterable[str]) -> dict[str, PostedSalesDocument]:
        found = self.found(category, numbers, partners=True)
        return {each.document.number: each.document for each in found}

    def found(
        self, category: C, numbers: Iterable[str], *, flow: bool = False, partners: bool = False
    ) -> tuple[FoundDocument, ...]:
        """Read the documents of *numbers* that are of *category*, in one batch."""
        shape = self.shapes.of(category)
        if shape is None:
            return ()
        reader = Reader(shape, self.names)
        options = read_options(shape, flow=flow, partners=partners)
        rows = self._of_numbers(shape, numbers, options)
        with understood():
            found = tuple(reader.found(row, flow=flow, partners=partners) for row in rows)
        self.kinds.learn(category, (each.document.number for each in found))
        return found

    def _of_numbers(
        self, shape: Shape, numbers: Iterable[str], options: dict[str, str]
    ) -> list[Row]:
        service = self.services.service(shape.service)
        queries = [
            Query(
                shape.header_set,
                {"$filter": any_of(shape.document, map(shown_number, part)), **options},
            )
            for part in chunks(numbers, self.options.documents_per_query)
        ]
        if len(queries) == 1:
            return list(service.rows(queries[0]))
        return [row for rows in service.batch(queries) for row in rows]

    def _shape(self, category: C) -> Shape:
        shape = self.shapes.of(category)
        if shape is None:
            raise RejectedError(
                f"no OData service of the connector's has documents of category {category.name}; "
                "route them to another transport",
                code="NOT_OFFERED_BY_SERVICE",
            )
        if shape.read_only:
            raise not_offered(shape, ["writing: it only reads"])
        return shape

    def _require_equal(self, shape: Shape, number: str, document: SalesDocument) -> None:
        """
        Raise OutcomeUnknownError unless *number* exists and is *document*.

        Items that the ERP added (components, free goods) are no difference.
        """
        name = f"{shape.document} {display_number(number)}"
        units = ("RequestedQuantitySAPUnit",) if "RequestedQuantitySAPUnit" in shape.item else ()
        fields = (shape.item_key, "RequestedQuantity", "RequestedQuantityUnit", *units)
        found = self.services.service(shape.service).together(
            Query(
                key(shape.header_set, shown_number(number)),
                selection([("", (shape.document, "PurchaseOrderByCustomer")), ("to_Item", fields)]),
            )
        )
        if not found:
            raise OutcomeUnknownError(f"{name} was reported as saved and cannot be read")
        [there] = found
        reference = there.text("PurchaseOrderByCustomer")
        if reference != document.purchase_order_by_customer:
            raise OutcomeUnknownError(f"{name} carries the reference {reference!r}")
        reader = Reader(shape, self.names)
        quantities = {
            int(row.text(shape.item_key)): reader.quantity(row) for row in there.rows("to_Item")
        }
        for item in document.items:
            quantity = quantities.get(item.item_number)
            if quantity != item.requested_quantity:
                raise OutcomeUnknownError(
                    f"{name} has {quantity or 'nothing'} as item {item.item_number}, "
                    f"ordered were {item.requested_quantity}"
                )


def _by_age(found: tuple[object, str]) -> tuple[str, str]:
    created, number = found
    return (str(created or ""), number)
