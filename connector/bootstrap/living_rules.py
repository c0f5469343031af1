"""
Mapping rules that follow their files: a row that a person adds to a value table counts at once.

A held order says "add a row to the table and retry"; that must not need a restart of the daemon.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import structlog

from connector.errors import ConfigurationError
from connector.mappings.external_order import ExternalOrder
from connector.mappings.map_order import map_order
from connector.mappings.mapped_order import MappedOrder
from connector.mappings.profile import ChannelProfile
from connector.mappings.rules import MappingRules, load_rules
from connector.sd_documents.values import DocumentCategory
from connector.sync.context import Route
from connector.sync.master_data import MasterDataSource, map_asking

_log = structlog.get_logger(__name__)

#: Time of the last change in nanoseconds and size in bytes; None where there is no file.
_Stamp = tuple[int, int] | None


class LivingRules:
    """
    The rules at *path* with their tables, read anew when one of the files was changed.

    Files that are wrong while somebody edits them are logged once, and change nothing. Neither
    does another channel or reference prefix: orders on their way are found by it.
    """

    def __init__(self, path: Path, tables_from: Path | None = None) -> None:
        self._path = path
        self._tables_from = tables_from
        self._lock = threading.Lock()
        self._rules = load_rules(path, tables_from)
        self._seen = _stamps(_files(self._rules))

    def current(self) -> MappingRules:
        """Return the rules as the files are now, or were before they became wrong."""
        with self._lock:
            # Looked at before reading: a change during it is seen the next time.
            seen = _stamps(self._seen)
            if seen != self._seen:
                self._seen = seen
                self._read_anew()
            return self._rules

    def _read_anew(self) -> None:
        try:
            rules = load_rules(self._path, self._tables_from)
            if (rules.channel, rules.reference) != (self._rules.channel, self._rules.reference):
                raise ConfigurationError(
                    str(self._path),
                    "channel or reference was changed",
                    "Stop the connector before, and start it with the changed rules",
                )
            require_confirmed([(rules,)])
        except ConfigurationError as error:
            _log.error("changed mapping rules are wrong, the earlier ones stay", problem=str(error))
            return
        self._rules = rules
        self._seen = {**_stamps(_files(rules)), **self._seen}
        _log.info("mapping rules read anew", rules=str(self._path))


def require_confirmed(mappings: Iterable[Iterable[ChannelProfile | MappingRules]]) -> None:
    """
    Make sure that no profile and no rules are a proposal that nobody has confirmed.

    Raises:
        ConfigurationError: one is; names its file.
    """
    for each in chain.from_iterable(mappings):
        if each.proposal:
            raise ConfigurationError(
                f"{each.path}: proposal",
                "is a proposal, and no order may go by it before a person has checked it",
                "Check every line with `config check` and `dry-run`, then remove the key",
            )


@dataclass(frozen=True, slots=True)
class LivingRoute(Route):
    """
    A route whose ``rules`` are those of the start, and which maps by those of now.

    Rules that look into the ERP ask ``master_data``; where that is empty the ERP is not asked.
    """

    living: LivingRules
    master_data: MasterDataSource | None = None

    @property
    def asks_the_erp(self) -> bool:
        return self.master_data is not None and self.living.current().asks_the_erp

    def map(self, order: ExternalOrder, wanted: Collection[DocumentCategory]) -> MappedOrder:
        return self.map_many((order,), wanted)[0]

    def map_many(
        self, orders: Sequence[ExternalOrder], wanted: Collection[DocumentCategory]
    ) -> list[MappedOrder]:
        rules = self.living.current()
        if self.master_data is None or not rules.asks_the_erp:
            return [map_order(order, rules, wanted) for order in orders]
        return map_asking(orders, rules, wanted, self.master_data())


def _files(rules: MappingRules) -> tuple[Path, ...]:
    return rules.files


def _stamps(files: Iterable[Path]) -> Mapping[Path, _Stamp]:
    return {file: _stamp(file) for file in files}


def _stamp(file: Path) -> _Stamp:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size
