"""Settings of the entities: how values are written where systems or services differ."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntitySettings:
    """Each default is what public answers of real systems show most often."""

    #: Document and customer numbers with their leading zeros instead of the external form.
    padded_numbers: bool = False
    #: Items of sales and billing documents as 000010 instead of 10.
    padded_items: bool = False
    #: Items of deliveries as 000010; the delivery service keeps the zeros that others drop.
    padded_delivery_items: bool = True
    #: Units as the internal key (ST) instead of the commercial one of the language (PC).
    internal_units: bool = False
    #: Goods issue of an outbound delivery needs all its items picked before.
    goods_issue_needs_picking: bool = True
