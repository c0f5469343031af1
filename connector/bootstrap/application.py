"""
The application: what the settings describe, put together when it is first asked for.

Only what a command uses is opened: showing a flow needs no ERP, a dry run needs no store. For work
on the orders, channels, rules and plans are read at once, so that a mistake in them shows before
anything starts; whoever only looks or decides is not kept from it by such a mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from connector.bootstrap.channel_setup import ChannelSetup, channel_setup
from connector.bootstrap.clocks import SimulationClock
from connector.bootstrap.living_rules import require_confirmed
from connector.bootstrap.routes import (
    capabilities,
    checked_routes,
    require_asked,
    require_creatable,
)
from connector.channels.statement_folder import StatementFolder
from connector.clock import Clock
from connector.erp.rfc.erp import RfcErp
from connector.erp.rfc.options import RfcOptions
from connector.erp.routes import TransportParts, parts_of
from connector.erp.routing import RoutedErp
from connector.errors import ConfigurationError
from connector.mappings.references import require_distinct_prefixes
from connector.ports.capabilities import ErpOperation, Transport
from connector.ports.reconciliation import ReconciliationLog, ReconciliationRuns
from connector.ports.statement_payments import StatementPayments
from connector.ports.statements import Statements
from connector.ports.store import FlowStore
from connector.settings import Settings, checked_options
from connector.settings.explain import nearest
from connector.store.migrate import is_unmade, upgrade
from connector.store.sql_store import SqlStore, open_beside, open_reader, open_store
from connector.sync.context import DiscountBase, Route, SyncContext, SyncOptions
from connector.sync.master_data import MasterDataCache
from connector.sync.plan import Plan, load_plans

if TYPE_CHECKING:
    from connector.bootstrap.simulator_handle import SimulatorHandle
    from connector.erp.recording.tap import Tap
    from connector.erp.rfc.driver import RfcDriver


class Application:
    """
    Everything put together; use it in `with`, so that all of it is closed.

    With *read_only* the store is only read, with *beside* it is written for what a person decides.
    A *tap* records what goes to the ERP, or answers in its place.

    Raises ConfigurationError at construction for mistakes in settings, profiles, rules or plans;
    with *read_only* or *beside* those in profiles, rules and plans show at their first use.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        *,
        read_only: bool = False,
        beside: bool = False,
        tap: Tap | None = None,
    ) -> None:
        self.settings = settings
        self._tap = tap
        self._read_only = read_only
        self._beside = beside
        self._open = ExitStack()
        self._given_clock = clock
        self.transport_options = _transport_options(settings)
        self.routes = checked_routes(settings)
        if not (read_only or beside):
            self.load()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close whatever was opened; calling it twice is harmless."""
        self._open.close()

    def load(self) -> None:
        """
        Read profiles, rules and plans, and check how the ERP is reached.

        Raises:
            ConfigurationError: there is a mistake in them, or a plan in use creates a document
                that its route cannot create.
        """
        from connector.bootstrap.http_transports import check_http

        if self._tap is None or not self._tap.plays:
            check_http(self.settings)
        _ = self.plans, self.channels
        require_creatable(self.settings, self.plans, self.routes)
        if not self._read_only:
            require_confirmed(
                (setup.profile, setup.route.rules) for setup in self.channels.values()
            )
            self.require_master_data(self.channels.values())

    def require_master_data(self, channels: Iterable[ChannelSetup]) -> None:
        """Make sure that rules may look into the ERP; see :func:`require_asked` for errors."""
        for setup in channels:
            require_asked(self.settings, self.routes, setup.name, setup.route.rules)

    def asking(self, setup: ChannelSetup) -> tuple[Route, MasterDataCache]:
        """
        Return the channel's route as a run of its own, and the master data that it asks for.

        Master data is read once in the run, and stays as it was.

        Raises:
            ConfigurationError: see :meth:`require_master_data`.
        """
        self.require_master_data((setup,))
        cache = MasterDataCache(self.erp.master_data, self.clock)
        return replace(setup.route, master_data=lambda: cache), cache

    def not_asking(self, setup: ChannelSetup) -> Route:
        """Return the channel's route for mapping without the ERP."""
        return replace(setup.route, master_data=None)

    @cached_property
    def _master_data(self) -> MasterDataCache:
        """What mapping looks up in the ERP, for all channels; opening it does not call the ERP."""
        age = timedelta(seconds=self.settings.sync.master_data_max_age_s)
        return MasterDataCache(self.erp.master_data, self.clock, age)

    @cached_property
    def plans(self) -> Mapping[str, Plan]:
        """The plans by name; raises ConfigurationError for a mistake in them."""
        return load_plans(self.settings.plans)

    def plan(self, name: str) -> Plan:
        """Return a plan by name; raises ConfigurationError when there is none."""
        try:
            return self.plans[name]
        except KeyError:
            raise ConfigurationError(
                f"plan {name}",
                f"is not among the plans in {self.settings.plans}",
                nearest(name, self.plans),
            ) from None

    @cached_property
    def channels(self) -> Mapping[str, ChannelSetup]:
        """The channels by name; raises ConfigurationError for a mistake in what they name."""
        channels = {
            name: channel_setup(self.settings, name, self._given_clock, lambda: self._master_data)
            for name in self.settings.channels
        }
        rules = [setup.route.rules for setup in channels.values()]
        require_distinct_prefixes((str(each.path), each.reference.prefix) for each in rules)
        return channels

    @cached_property
    def clock(self) -> Clock:
        """The clock; a simulated ERP in this process and the connector share one."""
        if self.settings.erp.driver == "simulator" and not self.settings.erp.simulator.address:
            return SimulationClock(self._given_clock)
        return self._given_clock

    @property
    def store(self) -> FlowStore:
        """The connector's own records; see :attr:`_store` for errors."""
        return self._store

    @property
    def reconciliation_runs(self) -> ReconciliationRuns:
        """The log of reconciliation runs, which lies in the store."""
        return self._store.reconciliation_runs

    @property
    def reconciliation_log(self) -> ReconciliationLog:
        """The chain that seals runs, breaks and sign-offs; it lies in the store, too."""
        return self._store.reconciliation_log

    @property
    def statements(self) -> Statements:
        """Bank statements and payouts, which lie in the store as well."""
        return self._store.statements

    @property
    def statement_payments(self) -> StatementPayments:
        """What is posted from statements, and what of it waits for a person."""
        return self._store.statement_payments

    @cached_property
    def statement_folders(self) -> tuple[StatementFolder, ...]:
        """The folders that statements and payout reports are dropped into."""
        return tuple(
            StatementFolder(
                name,
                folder.path,
                clock=self.clock,
                patterns=folder.patterns,
                report_format=folder.format,
                encoding=folder.encoding,
                settle_s=folder.settle_s,
            )
            for name, folder in self.settings.statements.folders.items()
        )

    @cached_property
    def _store(self) -> SqlStore:
        """
        Open the store; whoever owns it makes it where there is none.

        Raises:
            ConfigurationError: it is missing, in use by another owner, or of another version.
        """
        url, password = self.settings.store.url, self.settings.store.secret()
        if self._read_only:
            store = open_reader(url, password=password)
        elif self._beside:
            store = open_beside(url, password=password)
        else:
            if is_unmade(url, password):
                upgrade(url, password)
            store = open_store(url, password=password)
        self._open.callback(store.close)
        store.flows.receipt_types = self._receipt_types
        return store

    @property
    def _receipt_types(self) -> frozenset[str]:
        """FI document types of receipts: orders and reconciliation go by the same."""
        from connector.reconciliation.rules import ReconciliationRules

        rules = checked_options(self.settings, "reconciliation.rules", ReconciliationRules)
        return rules.payment_document_types

    @cached_property
    def simulator(self) -> SimulatorHandle | None:
        """The simulated ERP, wherever it runs; None when the ERP is a real one."""
        if self.settings.erp.driver != "simulator":
            return None
        from connector.bootstrap.remote_simulator import RemoteSimulator
        from connector.bootstrap.simulator import local_simulator

        if self.settings.erp.simulator.address:
            return RemoteSimulator(self.settings.erp.simulator.address)
        simulator = local_simulator(self.settings, clock=self.clock)
        self._open.callback(simulator.close)
        return simulator

    @cached_property
    def erp(self) -> RoutedErp:
        """The ERP over all transports that are used; opening it does not call it."""
        erp = RoutedErp(self.routes, self._transports(), capabilities(self.settings))
        self._open.callback(erp.close)
        return erp

    def _transports(self) -> dict[Transport, TransportParts]:
        """Return what is used; what is over HTTP is imported only then."""
        settings, parts = self.settings, dict[Transport, TransportParts]()
        if settings.erp.uses(Transport.RFC):
            rfc = RfcErp(self._driver(), self.transport_options, self.clock)
            parts[Transport.RFC] = parts_of(rfc, rfc.probe, rfc.master_data)
        if settings.erp.uses(Transport.ODATA):
            from connector.bootstrap.http_transports import odata_parts

            parts[Transport.ODATA] = odata_parts(settings, self.clock, self._simulator, self._tap)
        if settings.erp.uses(Transport.SOAP):
            from connector.bootstrap.http_transports import soap_parts

            reads = [
                parts[way]
                for operation in (ErpOperation.OPEN_ITEMS, ErpOperation.DOCUMENT_FLOW)
                if (way := self.routes.get(operation)) is not None
            ]
            parts[Transport.SOAP] = soap_parts(
                settings,
                self.clock,
                self._simulator,
                self._tap,
                payments=reads[0].payments if reads else None,
                sales_documents=reads[-1].sales_documents if reads else None,
            )
        return parts

    @cached_property
    def context(self) -> SyncContext:
        """What the use cases work with."""
        sync = self.settings.sync
        options = SyncOptions(
            time_zone=self.settings.time_zone,
            discount_base=DiscountBase(sync.discount_base),
            **sync.model_dump(exclude={"discount_base"}),
        )
        return SyncContext(
            store=self.store,
            erp=self.erp,
            clock=self.clock,
            routes={name: setup.route for name, setup in self.channels.items()},
            plans=self.plans,
            options=options,
        )

    def channel(self, name: str) -> ChannelSetup:
        """Return the channel *name*; raises ConfigurationError with the nearest when unknown."""
        try:
            return self.channels[name]
        except KeyError:
            raise ConfigurationError(
                f"channel {name}",
                f"is not among the channels of {self.settings.file.path}",
                nearest(name, self.channels) if self.channels else "There are none",
            ) from None

    def check_channels(self) -> None:
        """
        Make sure that all channels and folders of statements can be read.

        See `FolderChannel.check` for errors.
        """
        for setup in self.channels.values():
            setup.channel.check()
        for folder in self.statement_folders:
            folder.check()

    @property
    def _simulator(self) -> SimulatorHandle | None:
        """The simulated ERP, which a replay does without."""
        return None if self._tap is not None and self._tap.plays else self.simulator

    def _driver(self) -> RfcDriver:
        return self._tap.driver(self._own_driver) if self._tap else self._own_driver()

    def _own_driver(self) -> RfcDriver:
        settings = self.settings
        if self.simulator is not None:
            return self.simulator.driver(settings)
        from connector.erp.rfc.pyrfc_driver import pyrfc_driver

        rfc = settings.erp.rfc
        assert rfc is not None
        secret = rfc.secret()
        assert secret is not None
        logon = rfc.model_dump(include={"ashost", "sysnr", "client", "user", "lang"})
        return pyrfc_driver({**rfc.parameters, **logon}, secret, settings.erp.timeout_s)


def _transport_options(settings: Settings) -> RfcOptions:
    options = checked_options(settings, "erp.transport", RfcOptions, time_zone=settings.time_zone)
    changes: dict[str, Any] = {}
    if not options.company_codes:
        changes["company_codes"] = settings.reconciliation.company_codes
    if options.messages is not None:
        changes["messages"] = settings.file.path.parent / options.messages
    return options.model_copy(update=changes)
