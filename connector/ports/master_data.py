"""
Master data of the ERP as mapping rules look it up. Reading only: nothing here could write.

All methods may raise what the port of the ERP says of its reads (:mod:`connector.ports.erp`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

#: A row by column; the columns of each kind are those of mappings.master_data.
MasterDataRow = Mapping[str, str]


class MasterDataReader(Protocol):
    """Reads customers, materials, customers' own material numbers, partners and units."""

    def read(self, kind: str, keys: Sequence[Mapping[str, str]]) -> Sequence[MasterDataRow]:
        """
        Return the rows of *kind* that are as one of *keys* wants them, in a stable order.

        Many keys take few calls. Customers come zero-padded, materials as people write them.

        Args:
            kind: one of ``MASTER_DATA_COLUMNS``.
            keys: values by column; all of them name the same columns. Numbers of customers and
                materials may have their leading zeros or not.
        """
        ...
