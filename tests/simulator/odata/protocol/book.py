"""Sales orders kept in a dict behind the protocol half, so that it can be tested by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import TracebackType
from typing import Any, cast

from connector.simulator.engine.clock import SimulatedClock
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.outcome import Message, Outcome
from connector.simulator.http.front import HttpFront
from connector.simulator.odata.entity_set import (
    Body,
    BusinessError,
    Context,
    Entity,
    Key,
    Narrowing,
    ReadOnlySet,
    ServiceEntities,
    Value,
)
from connector.simulator.odata.face import ODataFace
from connector.simulator.odata.schema import Service
from connector.simulator.odata.settings import ODataFaceSettings

ROOT = "/sap/opu/odata/sap/API_SALES_ORDER_SRV"
Row = dict[str, Value]


@dataclass
class BookSession:
    """A unit of work: writes wait here until the commit."""

    erp: BookErp
    waiting: list[Any] = field(default_factory=list)

    def commit(self, wait: bool = True) -> Outcome:
        assert wait
        if self.erp.commit_fails:
            return Outcome((Message("A", "S&", "101", "Update was terminated"),))
        for write in self.waiting:
            write()
        self.erp.commits += bool(self.waiting)
        self.waiting.clear()
        return Outcome()

    def __enter__(self) -> BookSession:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.waiting.clear()


class BookErp:
    """What the protocol half asks of the ERP."""

    def __init__(self) -> None:
        self.clock = SimulatedClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
        self.orders: dict[str, Row] = {}
        self.items: dict[tuple[str, str], Row] = {}
        self.commits = 0
        self.commit_fails = False
        self.narrowings: list[Narrowing] = []

    def session(self, user: str) -> BookSession:
        assert user
        return BookSession(self)

    def add(self, number: str, **values: Value) -> None:
        """Keep an order."""
        changed = self.clock.now()
        row: Row = {"SalesOrder": number, "LastChangeDateTime": changed, **values}
        self.orders[number] = row

    def add_item(self, number: str, item: str, **values: Value) -> None:
        """Keep an item."""
        self.items[number, item] = {"SalesOrder": number, "SalesOrderItem": item, **values}


@dataclass
class Orders(ReadOnlySet):
    """A_SalesOrder."""

    book: BookErp

    def find(self, key: Key, context: Context) -> Entity | None:
        row = self.book.orders.get(str(key["SalesOrder"]))
        return None if row is None else Entity(row)

    def rows(self, narrowing: Narrowing, context: Context) -> Iterable[Entity]:
        self.book.narrowings.append(narrowing)
        return [Entity(row) for row in self.book.orders.values()]

    def navigate(self, entity: Entity, navigation: str, context: Context) -> Iterable[Entity]:
        if navigation != "to_Item":
            return []
        number = entity.values["SalesOrder"]
        return [Entity(r) for r in self.book.items.values() if r["SalesOrder"] == number]

    def create(self, body: Body, context: Context) -> Entity:
        if body.values.get("SoldToParty") == "BAD":
            raise BusinessError([Message("E", "VP", "199", "Sold-to party BAD not maintained")])
        number = str(len(self.book.orders) + 1 + len(waiting(context)))
        row: Row = {
            "SalesOrder": number,
            "LastChangeDateTime": context.now,
            **{n: v for n, v in body.values.items() if n != "SalesOrder"},
        }
        items = [
            {"SalesOrder": number, "SalesOrderItem": str(10 * n), **item.values}
            for n, item in enumerate(body.navigations.get("to_Item", ()), start=1)
        ]

        def write() -> None:
            self.book.orders[number] = row
            for item in items:
                self.book.items[number, str(item["SalesOrderItem"])] = item

        waiting(context).append(write)
        context.messages.append(Message("S", "V1", "311", f"Order {number} has been saved"))
        return Entity({"SalesOrder": number})

    def update(self, key: Key, changes: Mapping[str, Value], context: Context) -> None:
        row = self.book.orders[str(key["SalesOrder"])]
        moment = context.now + timedelta(seconds=1)
        waiting(context).append(lambda: row.update({**changes, "LastChangeDateTime": moment}))

    def delete(self, key: Key, context: Context) -> None:
        number = str(key["SalesOrder"])
        waiting(context).append(lambda: self.book.orders.pop(number))


@dataclass
class Items(ReadOnlySet):
    """A_SalesOrderItem."""

    book: BookErp

    def find(self, key: Key, context: Context) -> Entity | None:
        row = self.book.items.get((str(key["SalesOrder"]), str(key["SalesOrderItem"])))
        return None if row is None else Entity(row)

    def rows(self, narrowing: Narrowing, context: Context) -> Iterable[Entity]:
        return [Entity(row) for row in self.book.items.values()]

    def navigate(self, entity: Entity, navigation: str, context: Context) -> Iterable[Entity]:
        row = self.book.orders.get(str(entity.values["SalesOrder"]))
        return [] if row is None or navigation != "to_SalesOrder" else [Entity(row)]

    def create(self, body: Body, context: Context) -> Entity:
        number, item = str(body.values["SalesOrder"]), str(body.values.get("SalesOrderItem", "90"))
        row: Row = {**body.values, "SalesOrderItem": item}
        waiting(context).append(lambda: self.book.items.update({(number, item): row}))
        return Entity({"SalesOrder": number, "SalesOrderItem": item})

    def update(self, key: Key, changes: Mapping[str, Value], context: Context) -> None:
        row = self.book.items[str(key["SalesOrder"]), str(key["SalesOrderItem"])]
        waiting(context).append(lambda: row.update(changes))


def waiting(context: Context) -> list[Any]:
    """Return the writes that wait for the commit."""
    return cast(BookSession, context.session).waiting


def entities(book: BookErp) -> Any:
    """Return what is behind the services: orders and items, and two function imports."""

    def release(parameters: Mapping[str, Value], context: Context) -> Entity:
        number = str(parameters["SalesOrder"])
        if number not in book.orders:
            raise BusinessError([Message("E", "V1", "302", f"SD document {number} is not there")])
        return Entity({"Boolean": True})

    def pick(parameters: Mapping[str, Value], context: Context) -> list[Entity]:
        return [Entity({"DeliveryDocument": parameters["DeliveryDocument"]})]

    def pdf(parameters: Mapping[str, Value], context: Context) -> Entity:
        return Entity({"BillingDocumentBinary": "JVBERi0="})

    sets = {"A_SalesOrder": Orders(book), "A_SalesOrderItem": Items(book)}
    services = {
        "API_SALES_ORDER_SRV": ServiceEntities(sets, {"releaseApprovalRequest": release}),
        "API_OUTBOUND_DELIVERY_SRV": ServiceEntities({}, {"PickAllItems": pick}),
        "API_BILLING_DOCUMENT_SRV": ServiceEntities({}, {"GetPDF": pdf}),
    }

    def behind(service: Service) -> ServiceEntities:
        return services.get(service.name, ServiceEntities({}))

    return behind


def face_on(front: HttpFront, book: BookErp, **settings: Any) -> ODataFace:
    """Mount the services over *book*."""
    erp = cast(SimulatedErp, book)
    return ODataFace(erp, front, ODataFaceSettings(**settings), entities(book))


def filled() -> BookErp:
    """Return a book with three orders."""
    book = BookErp()
    for number, customer, net, on in (
        ("1", "10100001", "17.55", date(2026, 1, 2)),
        ("2", "10100002", "100.00", date(2026, 1, 3)),
        ("3", "10100001", "250.50", None),
    ):
        book.add(
            number,
            SoldToParty=customer,
            TotalNetAmount=Decimal(net),
            CreationDate=on,
            TransactionCurrency="EUR",
            PurchaseOrderByCustomer=f"O'Neill {number}",
        )
        book.add_item(number, "10", Material="TG11", RequestedQuantity=Decimal("2"))
        book.add_item(number, "20", Material="TG12", RequestedQuantity=Decimal("3"))
    return book
