"""What becomes of third-party messages: for each channel the same questions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from connector.errors import MessageError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.inbound_order import InboundOrder
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.problems import HOLD_REASONS
from connector.mappings.reading import read_orders
from connector.sd_documents.values import DocumentCategory
from tests.mappings.conftest import profile_of, rules_of


@dataclass(frozen=True, slots=True)
class Outcome:
    """The orders of one message with what they become, and what could not be read."""

    mapped: tuple[MappedOrder, ...]
    refused: tuple[str, ...]

    @property
    def orders(self) -> tuple[ExternalOrder, ...]:
        """The orders as read."""
        return tuple(each.order for each in self.mapped)

    @property
    def codes(self) -> set[str]:
        """Every reason for which an order is held."""
        return {problem.code for each in self.mapped for problem in each.problems}


def outcome_of(channel: str, path: Path) -> Outcome:
    """
    Return what the message at *path* becomes.

    Whatever comes has to be something: an order that maps, one that is held with a reason of the
    catalogue, or a refusal that says what was expected instead.
    """
    mapped: list[MappedOrder] = []
    refused: list[str] = []
    for found in read_orders(profile_of(channel), path.read_bytes(), path.name):
        if isinstance(found, MessageError):
            assert "expected" in str(found)
            refused.append(str(found))
            continue
        assert isinstance(found, InboundOrder)
        each = map_order(found.order, rules_of(channel), {DocumentCategory.SALES_ORDER})
        assert each.documents or each.problems
        for problem in each.problems:
            assert problem.code in HOLD_REASONS
            assert len(problem.message) > 20
        mapped.append(each)
    assert mapped or refused
    return Outcome(tuple(mapped), tuple(refused))


def goods_of(order: ExternalOrder) -> Decimal:
    """Return price times quantity of all lines."""
    return sum((round((line.price or 0) * line.quantity, 2) for line in order.lines), Decimal(0))
