"""The calculation behind a break, in words that can be checked with a pencil."""

from __future__ import annotations

from decimal import Decimal

from connector.reconciliation.differences import Break, Side
from connector.reconciliation.identities import NAMES
from connector.sd_documents.values import Money


def calculation(found: Break) -> tuple[str, ...]:
    """Return line by line how the difference of *found* comes about."""
    lines = [f"Comparison {found.identity}: {NAMES.get(found.identity, 'none')}"]
    lines += [f"outside: {_side(found.outside)}", f"ERP: {_side(found.erp)}"]
    if found.difference is not None:
        nothing = Money(amount=Decimal(0), currency=found.difference.currency)
        outside, erp = found.outside.amount or nothing, found.erp.amount or nothing
        if outside.currency == erp.currency:
            difference = erp - outside
            lines.append(f"ERP - outside: {erp} - {outside} = {difference}")
            if difference != found.difference:
                lines.append(f"of which this break is {found.difference}")
        else:
            lines.append(f"difference: {found.difference}")
    if found.net_difference is not None and found.tax_difference is not None:
        both = found.net_difference + found.tax_difference
        lines.append(f"net {found.net_difference} + tax {found.tax_difference} = {both}")
    if found.quantity_difference is not None:
        quantity = f"{found.quantity_difference.normalize():f} {found.unit}"
        lines.append(f"quantity, ERP - outside: {quantity}")
    lines.append(f"since {found.since.isoformat()}, {found.age_days} days on the key date")
    return tuple(lines)


def _side(side: Side) -> str:
    parts = [side.what]
    if side.amount is not None:
        parts.append(str(side.amount))
    if side.quantity is not None:
        parts.append(f"{side.quantity.value.normalize():f} {side.quantity.unit}")
    return ", ".join(parts)
