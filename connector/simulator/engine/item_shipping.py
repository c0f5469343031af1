"""How an item of a sales document gets from its plant to the ship-to party."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.simulator.engine import partners

if TYPE_CHECKING:
    from connector.simulator.engine.sales_items import SalesContext
    from connector.simulator.engine.specs import SalesItemSpec


@dataclass(frozen=True, slots=True)
class ItemShipping:
    """Countries for the tax; shipping point and route are empty where nothing is delivered."""

    departure_country: str
    destination_country: str
    shipping_point: str = ""
    route: str = ""
    transit_days: int = 0


def shipping_of(
    context: SalesContext, spec: SalesItemSpec, material: str, plant: str, *, delivered: bool
) -> ItemShipping:
    """Determine it; an item without a plant departs from the country of the company code."""
    work, master = context.work, context.work.core.master
    if plant:
        departure = master.plants[plant].country
    else:
        departure = master.company_codes[context.area.company_code].country
    ship_to = context.partner("WE", spec.item_number)
    destination = partners.country_of(work, ship_to) or departure
    if not delivered:
        return ItemShipping(departure, destination)
    view = master.material_plants.get((material, plant))
    point = spec.shipping_point or master.shipping_point(
        plant, context.shipping_conditions, view.loading_group if view else ""
    )
    found = master.route(point, destination, context.shipping_conditions)
    if found is None:
        return ItemShipping(departure, destination, point)
    return ItemShipping(departure, destination, point, found.route, found.transit_days)
