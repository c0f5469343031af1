"""What a run says of channels that were not read until its key date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from connector.reconciliation.breaks import BreakCode
from connector.reconciliation.differences import Finding, Scope, Side
from connector.reconciliation.identities import ORDERS_TO_BILLING
from connector.reconciliation.readings import CHANNEL_PAYMENTS, EXTERNAL_ORDERS
from connector.reconciliation.sources import SourceReading


def stale_findings(sources: Iterable[SourceReading], key_date: date) -> Iterator[Finding]:
    """Yield a finding for each source of the channels that has a problem."""
    for source in sources:
        if source.name in (EXTERNAL_ORDERS, CHANNEL_PAYMENTS) and source.problems:
            yield Finding(
                code=BreakCode.STALE_DATA,
                identity=ORDERS_TO_BILLING,
                scope=Scope(company_code="", currency=""),
                subject=source.name,
                keys={"source": source.name},
                outside=Side(what=source.name),
                erp=Side(what="key date"),
                since=key_date,
                text="; ".join(source.problems),
            )
