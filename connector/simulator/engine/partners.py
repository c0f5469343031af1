"""Partners of a sales document: what the caller named, completed from the sold-to's record."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from connector.simulator.engine.keys import padded
from connector.simulator.engine.luw import UnitOfWork
from connector.simulator.engine.outcome import Message
from connector.simulator.engine.sales_records import SalesDocument
from connector.simulator.engine.specs import Partner

#: Functions every sales document has at its header: sold-to, ship-to, bill-to, payer.
HEADER_FUNCTIONS = ("AG", "WE", "RE", "RG")


def determine(
    work: UnitOfWork, sales_area: tuple[str, str, str], given: Iterable[Partner]
) -> tuple[tuple[Partner, ...], list[Message]]:
    """
    Return the partners with internal functions and padded numbers, and what is wrong with them.

    A ship-to, bill-to or payer that is not given comes from the sold-to's record, else it is the
    sold-to itself, with the address given for it.
    """
    master = work.core.master
    found, messages = _named(work, sales_area, given)
    sold_to = found.get(("AG", 0))
    if sold_to is None or (sold_to.customer, *sales_area) not in master.customer_sales_areas:
        number = sold_to.customer.lstrip("0") if sold_to else ""
        messages.append(
            work.message("sold-to not in sales area", number, *sales_area, parameter="PARTNERS")
        )
        return (), messages
    agreed = master.partners_of(sales_area, sold_to.customer)
    for function in HEADER_FUNCTIONS[1:]:
        if (function, 0) not in found:
            customer = agreed.get(function, sold_to.customer)
            address = sold_to.address if customer == sold_to.customer else None
            found[function, 0] = Partner(function, customer, address=address)
    return tuple(found.values()), messages


def _named(
    work: UnitOfWork, sales_area: tuple[str, str, str], given: Iterable[Partner]
) -> tuple[dict[tuple[str, int], Partner], list[Message]]:
    """Return the partners that the caller named, by function and item, and what is wrong."""
    messages: list[Message] = []
    found: dict[tuple[str, int], Partner] = {}

    def note(row: int, situation: str, *variables: str) -> None:
        messages.append(work.message(situation, *variables, parameter="PARTNERS", row=row))

    for row, partner in enumerate(given, start=1):
        function = work.core.master.partner_function(partner.function)
        if not function:
            note(row, "code unknown", "Partner function", partner.function)
            continue
        customer = padded(partner.customer)
        if function != "AG" and customer not in work.core.master.customers:
            area = "/".join(sales_area)
            note(row, "partner unknown", partner.function, partner.customer, area)
        found[function, partner.item_number] = replace(
            partner, function=function, customer=customer
        )
    return found, messages


def country_of(work: UnitOfWork, partner: Partner | None) -> str:
    """Return the country of a partner: of its own address, else of its master record."""
    if partner is None:
        return ""
    if partner.address is not None and partner.address.country:
        return partner.address.country
    customer = work.core.master.customers.get(partner.customer)
    return customer.country if customer else ""


def of_item(document: SalesDocument, item_number: int) -> tuple[Partner, ...]:
    """Return the header functions as they hold for one item."""
    found = []
    for function in HEADER_FUNCTIONS:
        partner = document.partner(function, item_number)
        if partner is not None:
            found.append(replace(partner, item_number=0))
    return tuple(found)
