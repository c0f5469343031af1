"""One module per family of functions; `ALL` is what the face offers."""

from __future__ import annotations

from connector.simulator.rfc.context import Handler
from connector.simulator.rfc.handlers import (
    accounting,
    billing,
    clearing,
    deliveries,
    detailed_list,
    open_items,
    order_status,
    read_table,
    sales_change,
    sales_documents,
    simulation,
    system,
    transaction,
)

ALL: dict[str, Handler] = {
    **system.HANDLERS,
    **transaction.HANDLERS,
    **sales_documents.HANDLERS,
    **sales_change.HANDLERS,
    **simulation.HANDLERS,
    **detailed_list.HANDLERS,
    **order_status.HANDLERS,
    **deliveries.HANDLERS,
    **billing.HANDLERS,
    **accounting.HANDLERS,
    **open_items.HANDLERS,
    **clearing.HANDLERS,
    **read_table.HANDLERS,
}
