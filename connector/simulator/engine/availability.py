"""
Availability check: what can be promised, and when.

Available is unrestricted stock less what confirmed orders and open deliveries claim of it,
including what other sessions have confirmed and not yet committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_FLOOR, Decimal

from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.money import quantum
from connector.simulator.engine.sales_records import ScheduleLine

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Demand:
    """An item to be scheduled; quantities in the sales unit, factors to the base unit."""

    plant: str
    material: str
    sales_unit: str
    numerator: Decimal
    denominator: Decimal
    transit_days: int = 0
    #: What the item itself holds of the stock already (base unit), when it is scheduled again.
    held: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Request:
    """One requested schedule line; a fixed date keeps the check from moving goods issue."""

    quantity: Decimal
    requested_date: date
    material_availability_date: date | None = None
    goods_issue_date: date | None = None


def available(work: UnitOfWork, plant: str, material: str) -> Decimal:
    """Return what may still be promised now, in the base unit; may be below zero."""
    committed = work.core.store.available_quantity(plant, material)
    return committed - work.core.pending_requirements.get((plant, material), ZERO)


def schedule(
    work: UnitOfWork, demand: Demand, requests: list[Request], *, check: bool
) -> tuple[ScheduleLine, ...]:
    """
    Return the schedule lines for *requests*; without *check* all of them are confirmed.

    A line that stock cannot cover is confirmed in part; the rest is promised in a further line
    (requested quantity zero) for the day of replenishment, or not at all. Confirmed stock is kept
    from others at once.
    """
    view = work.core.master.material_plants.get((demand.material, demand.plant))
    checked = check and view is not None and view.availability_check
    lines: list[ScheduleLine] = []
    held = demand.held
    for request in requests:
        dates = _dates(work, demand, request, request.goods_issue_date)
        if not checked:
            lines.append(_line(lines, request, request.quantity, dates, covered_by="unchecked"))
            continue
        free = available(work, demand.plant, demand.material) + held
        confirmed = min(request.quantity, _in_sales_unit(work, demand, free))
        if confirmed > 0:
            claimed = confirmed * demand.numerator / demand.denominator
            if claimed > held:
                work.assign(demand.plant, demand.material, claimed - held)
            held = max(ZERO, held - claimed)
        lines.append(
            _line(lines, request, confirmed, dates, covered_by="stock" if confirmed else "")
        )
        rest = request.quantity - confirmed
        if rest and view is not None and view.replenishment_days >= 0:
            ready = work.today + timedelta(days=view.replenishment_days)
            dates = _dates(work, demand, request, max(ready, dates[0]))
            later = Request(ZERO, request.requested_date)
            lines.append(_line(lines, later, rest, dates, covered_by="replenishment"))
    return tuple(lines)


def _in_sales_unit(work: UnitOfWork, demand: Demand, base: Decimal) -> Decimal:
    if base <= 0:
        return ZERO
    unit = work.core.master.units.get(demand.sales_unit)
    exact = base * demand.denominator / demand.numerator
    return exact.quantize(quantum(unit.decimals if unit else 3), ROUND_FLOOR).normalize() + ZERO


def _dates(
    work: UnitOfWork, demand: Demand, request: Request, fixed: date | None
) -> tuple[date, date]:
    transit = timedelta(days=demand.transit_days)
    issue = max(fixed or request.requested_date - transit, work.today)
    return issue, max(request.requested_date, issue + transit)


def _line(
    lines: list[ScheduleLine],
    request: Request,
    confirmed: Decimal,
    dates: tuple[date, date],
    *,
    covered_by: str,
) -> ScheduleLine:
    issue, arrival = dates
    return ScheduleLine(
        line=len(lines) + 1,
        requested_date=request.requested_date,
        quantity=request.quantity,
        confirmed_quantity=confirmed,
        delivery_date=arrival,
        goods_issue_date=issue,
        material_availability_date=request.material_availability_date or issue,
        covered_by=covered_by,
    )
