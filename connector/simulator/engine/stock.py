"""Stock as master data opens it, and what a quantity of it is worth."""

from __future__ import annotations

from decimal import Decimal

from connector.simulator.engine.logistics_records import Stock
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.money import rounded

ZERO = Decimal(0)


def opening_stock(master: MasterData, plant: str, material: str) -> Stock | None:
    """Return the stock of a material that never moved; None where it has no plant data."""
    view = master.material_plants.get((material, plant))
    if view is None or material not in master.materials:
        return None
    currency = master.company_codes[master.plants[plant].company_code].currency
    value = view.opening_quantity * view.price / view.price_unit
    return Stock(
        plant=plant,
        material=material,
        unit=master.materials[material].base_unit,
        unrestricted=view.opening_quantity,
        blocked=ZERO,
        value=rounded(value, master.decimals(currency)),
        currency=currency,
        price_control=view.price_control,
        price=view.price,
        price_unit=view.price_unit,
    )


def value_of(stock: Stock, quantity: Decimal, decimals: int) -> Decimal:
    """
    Return what *quantity* base units are worth at the present price.

    Moving average (V) takes the value in proportion, so that the last piece leaves no cents
    behind; standard price (S) takes the price.
    """
    if stock.price_control == "V" and stock.unrestricted > 0 and stock.value > 0:
        if quantity == stock.unrestricted:
            return stock.value
        return rounded(stock.value * quantity / stock.unrestricted, decimals)
    return rounded(stock.price * quantity / stock.price_unit, decimals)
