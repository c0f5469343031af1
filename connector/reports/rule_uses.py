"""Which rules filled which fields, and how often: what many documents come down to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from connector.mappings.trace import FieldTrace

_POSITION: Final = re.compile(r"\[\d+\]")


class _Use(NamedTuple):
    document: str
    field: str
    rule: str
    because: str
    file: str


@dataclass(slots=True)
class _Example:
    order: str
    value: str
    path: str
    times: int = 1


class RuleUses:
    """Counts rules by the field that they fill; memory grows with the rules, not with orders."""

    def __init__(self) -> None:
        self._uses: dict[_Use, _Example] = {}

    def add(self, order: str, document: str, field: FieldTrace) -> None:
        """Take in one field of a *document* of *order*."""
        # The row of a table that was found differs from order to order, the rule does not.
        rule = field.rule.partition(" [")[0] if field.rule.endswith("]") else field.rule
        use = _Use(document, _POSITION.sub("[]", field.path), rule, field.because, field.file)
        found = self._uses.get(use)
        if found is None:
            self._uses[use] = _Example(order, field.source_value, field.source_path)
        else:
            found.times += 1

    def uses(self) -> Iterator[tuple[str | int, ...]]:
        """Yield document, field, rule, reason, file, times, and an example."""
        for use in sorted(self._uses):
            found = self._uses[use]
            yield *use, found.times, found.order, found.value, found.path
