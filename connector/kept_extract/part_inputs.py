"""Makes the records of a part of its texts, without doubles, and adds up what is of each source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from connector.reconciliation.extract import ErpExtract, put_together
from connector.reconciliation.parts import PartInputs
from connector.reconciliation.readings import Controls, erp_controls, store_controls
from connector.reconciliation.record_texts import RecordKind, records_of, text_of
from connector.statements.model import Payout

K = RecordKind


class PartRecords:
    """The records in the contents of some pieces; raises ValueError where one cannot be read."""

    def __init__(self, contents: Iterable[bytes], key_date: date) -> None:
        texts: dict[str, None] = {}
        for content in contents:
            texts.update(dict.fromkeys(content.decode().split("\n")))
        by_kind: dict[str, list[str]] = {}
        for text in texts:
            by_kind.setdefault(text[0], []).append(text[1:])
        #: Texts by the identity of their records, which live as long as this.
        self._texts: dict[int, str] = {}
        self._records: dict[str, list[Any]] = {}
        for kind, found in by_kind.items():
            records = records_of(RecordKind(kind), found)
            self._records[kind] = records
            self._texts.update(zip(map(id, records), found, strict=True))
        self.orders = tuple({order.name: order for order in self._of(K.ORDER)}.values())
        self.extract = put_together(
            [
                ErpExtract(
                    sales_documents=self._of(K.SALES_DOCUMENT),
                    deliveries=self._of(K.DELIVERY),
                    billing_documents=self._of(K.BILLING_DOCUMENT),
                    links=self._of(K.LINK),
                    items=self._of(K.ITEM),
                    open_items=self._of(K.OPEN_ITEM),
                    numbers_by_reference=dict(self._of(K.SEARCH)),
                    unknown_numbers=self._of(K.UNKNOWN),
                    payers=self._of(K.PAYER),
                    orphans=self._of(K.ORPHAN),
                    exchange=self._of(K.EXCHANGE),
                )
            ],
            key_date,
        )

    @property
    def inputs(self) -> PartInputs:
        """The records as they are evaluated."""
        return PartInputs(
            orders=self.orders,
            extract=self.extract,
            bank_lines=self._of(K.BANK_LINE),
            payouts=_payouts(self._of(K.PAYOUT_LINE)),
        )

    @property
    def controls(self) -> Controls:
        """What is of each source."""
        return {**store_controls(self.orders, self._text), **erp_controls(self.extract, self._text)}

    def _of(self, kind: RecordKind) -> tuple[Any, ...]:
        return tuple(self._records.get(kind.value, ()))

    def _text(self, kind: RecordKind, record: Any) -> str:
        return self._texts.get(id(record)) or text_of(kind, record)


def _payouts(lines: Iterable[tuple[int, Payout]]) -> tuple[Payout, ...]:
    """Put the lines of each payout together again, in their order."""
    payouts: dict[tuple[str, str], list[tuple[int, Payout]]] = {}
    for place, payout in lines:
        payouts.setdefault((payout.provider, payout.payout_id), []).append((place, payout))
    return tuple(
        found[0][1].model_copy(
            update={
                "lines": tuple(
                    payout.lines[0] for _, payout in sorted(found, key=lambda each: each[0])
                )
            }
        )
        for found in payouts.values()
    )
