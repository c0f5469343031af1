"""What a run is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from connector.reconciliation.rules import ReconciliationRules


@dataclass(frozen=True, slots=True)
class Assignment:
    """
    What a run is about.

    ``key_date`` is a day in ``time_zone`` (IANA name); ``company_codes`` are those whose customer
    accounts are tied out. No ``currencies`` mean all; ``restricted`` leaves out what belongs to
    other company codes, or to none yet.
    """

    key_date: date
    company_codes: tuple[str, ...]
    time_zone: str
    rules: ReconciliationRules = field(default_factory=ReconciliationRules)
    currencies: tuple[str, ...] = ()
    restricted: bool = False
