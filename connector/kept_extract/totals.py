"""What all parts show together: facts that lead to the bearings, and control totals by source."""

from __future__ import annotations

import json
from base64 import b85decode, b85encode
from collections import Counter
from collections.abc import Mapping
from typing import Final

from connector.reconciliation.bearings import Facts
from connector.reconciliation.readings import (
    BALANCES,
    BILLING_DOCUMENTS,
    CHANNEL_PAYMENTS,
    CUSTOMER_ITEMS,
    DOCUMENT_CHAINS,
    EXTERNAL_ORDERS,
    OPEN_ITEMS,
)
from connector.reconciliation.sources import Control

#: The sources that parts have records of.
NAMES: Final = (
    EXTERNAL_ORDERS,
    CHANNEL_PAYMENTS,
    DOCUMENT_CHAINS,
    BILLING_DOCUMENTS,
    CUSTOMER_ITEMS,
    OPEN_ITEMS,
    BALANCES,
)
#: So many control totals are remembered before they are added up: one addition looks at all days.
_TOGETHER: Final = 200
#: The length of each control total stands before it in so many bytes.
_LENGTH: Final = 4


class Totals:
    """Facts and control totals, to which those of parts are added and from which they are taken."""

    def __init__(self) -> None:
        self._facts: Counter[str] = Counter()
        self._controls = {name: Control() for name in NAMES}
        self._more: dict[str, list[Control]] = {name: [] for name in NAMES}
        self._less: dict[str, list[Control]] = {name: [] for name in NAMES}

    @property
    def facts(self) -> Facts:
        """The facts of all parts."""
        return Facts({name: count for name, count in self._facts.items() if count})

    @property
    def controls(self) -> dict[str, Control]:
        """The control totals of all parts."""
        self._settle()
        return dict(self._controls)

    def add(self, facts: Facts, controls: Mapping[str, Control]) -> None:
        """Add those of a part."""
        self._facts.update(facts.counts)
        self._note(self._more, controls)

    def take(self, facts: Facts, controls: Mapping[str, Control]) -> None:
        """Take away those of a part."""
        self._facts.subtract(facts.counts)
        self._note(self._less, controls)

    def to_text(self) -> str:
        """Return them as text."""
        controls = controls_to_bytes(self.controls)
        return json.dumps({"facts": self.facts.counts, "controls": b85encode(controls).decode()})

    @classmethod
    def from_text(cls, text: str) -> Totals:
        """Read back what :meth:`to_text` wrote; raises ValueError for anything else."""
        found = json.loads(text)
        totals = cls()
        controls, _ = controls_from_bytes(b85decode(found["controls"]))
        totals.add(Facts(found["facts"]), controls)
        return totals

    def _note(self, where: dict[str, list[Control]], controls: Mapping[str, Control]) -> None:
        for name, control in controls.items():
            if control.records:
                where[name].append(control)
        if any(len(found) >= _TOGETHER for found in where.values()):
            self._settle()

    def _settle(self) -> None:
        for name in NAMES:
            if self._more[name]:
                self._controls[name] = Control.sum((self._controls[name], *self._more[name]))
                self._more[name] = []
        for name in NAMES:
            if self._less[name]:
                self._controls[name] -= Control.sum(self._less[name])
                self._less[name] = []


def controls_to_bytes(controls: Mapping[str, Control]) -> bytes:
    """Return control totals as bytes, in the order of their sources."""
    parts = []
    for name in NAMES:
        control = controls[name]
        content = control.to_bytes() if control.records else b""
        parts += [len(content).to_bytes(_LENGTH, "little"), content]
    return b"".join(parts)


def controls_from_bytes(content: bytes) -> tuple[dict[str, Control], bytes]:
    """
    Read back what :func:`controls_to_bytes` wrote, and return what stands after it.

    Raises:
        ValueError: it is nothing of that.
    """
    found = {}
    for name in NAMES:
        length = int.from_bytes(content[:_LENGTH], "little")
        part, content = content[_LENGTH : _LENGTH + length], content[_LENGTH + length :]
        found[name] = Control.from_bytes(part) if part else Control()
    return found, content
