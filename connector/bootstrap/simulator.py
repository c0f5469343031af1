"""The simulated ERP in this process, for the connector alone or as a server for others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO, cast

from pydantic import SecretStr

from connector.bootstrap.clocks import SimulationClock
from connector.bootstrap.fault_catalogue import ENGINE, RFC
from connector.bootstrap.faults import FaultWish, arguments_of, part_of
from connector.bootstrap.remote_simulator import RemoteSimulator
from connector.bootstrap.simulated_http import http_front
from connector.bootstrap.simulator_handle import SimulatorHandle, logon_of
from connector.clock import Clock, SystemClock
from connector.erp.http.session import AdapterFactory
from connector.erp.rfc.driver import OnSent, RfcConnection, RfcDriver
from connector.errors import ConfigurationError
from connector.resources import shipped
from connector.settings import Settings, checked_options
from connector.simulator.engine.erp import SimulatedErp
from connector.simulator.engine.master_data import MasterData
from connector.simulator.engine.settings import EngineSettings
from connector.simulator.http.control import http_controls
from connector.simulator.http.front import HttpFront
from connector.simulator.http.local import LOCAL_URL, LocalAdapter
from connector.simulator.rfc.call_log import CallLog
from connector.simulator.rfc.exceptions import RFCError
from connector.simulator.rfc.face import RfcFace
from connector.simulator.rfc.server import RfcServer
from connector.simulator.rfc.settings import FaceSettings


@dataclass(slots=True)
class LocalSimulator:
    """A simulated ERP in this process."""

    erp: SimulatedErp
    face: RfcFace
    clock: SimulationClock
    make_front: Callable[[], HttpFront]
    _front: HttpFront | None = None

    @property
    def front(self) -> HttpFront:
        """Its faces over HTTP, made when they are first asked for."""
        if self._front is None:
            self._front = self.make_front()
        return self._front

    @property
    def is_local(self) -> bool:
        """It runs in this process."""
        return True

    def tick(self) -> int:
        """Run updates and jobs that fell due; returns how many documents the jobs made."""
        return sum(len(run.numbers) for run in self.erp.tick())

    def run_jobs(self) -> int:
        """Run all background jobs now; returns how many documents they made."""
        return sum(len(run.numbers) for run in self.erp.run_background_jobs())

    def advance(self, by: timedelta) -> None:
        """Move its clock, which is the connector's, forward."""
        self.erp.advance(by)

    def reset(self) -> None:
        """Forget all documents, in the state file as well."""
        self.erp.reset()

    def document_counts(self) -> Mapping[str, int]:
        """Return how many documents there are, by kind."""
        return self.erp.document_counts()

    def inject(self, wish: FaultWish) -> str:
        """
        Let a fault wait; returns the part that it waits in.

        Raises:
            ConfigurationError: there is no such fault, or it cannot be injected there.
        """
        part = part_of(wish)
        arguments = arguments_of(wish, part)
        if part == ENGINE:
            self.erp.faults.inject(**arguments)
        elif part == RFC:
            self.face.inject(**arguments)
        else:
            self.front.inject(**arguments)
        return part

    def close(self) -> None:
        """Close sessions and the state file."""
        if self._front is not None:
            self._front.close()
        self.face.close()
        self.erp.close()

    def driver(self, settings: Settings) -> RfcDriver:
        """Return what opens connections to it."""

        config, parameters = logon_of(settings)

        def connect(on_sent: OnSent) -> RfcConnection:
            del on_sent  # a call in the same process does not travel
            host = self.face.settings.host
            return cast(RfcConnection, self.face.connect(config, ashost=host, **parameters))

        return RfcDriver(connect, RFCError)

    def http(self, settings: Settings) -> tuple[str, AdapterFactory | None]:
        """Return an address that stands for it, and what passes requests to it."""
        del settings
        front = self.front
        return LOCAL_URL, lambda: LocalAdapter(front)


def local_simulator(
    settings: Settings,
    *,
    clock: Clock | None = None,
    users: Mapping[str, SecretStr] | None = None,
    latency_s: float | None = None,
    call_log: TextIO | None = None,
) -> LocalSimulator:
    """
    Start the simulated ERP that the settings describe, in this process.

    *users* and *latency_s* replace what the settings say; *call_log* gets a line per call.

    Raises:
        ConfigurationError: master data or options are wrong, or the state file cannot be used.
    """

    simulator = settings.erp.simulator
    engine_settings = checked_options(
        settings, "erp.simulator.engine", EngineSettings, time_zone=settings.time_zone
    )
    face_settings = checked_options(
        settings, "erp.simulator.face", FaceSettings, users=dict(users or {})
    )
    if latency_s is not None:
        face_settings.latency_s = latency_s
    if "profile" not in simulator.face:
        face_settings.profile = settings.erp.system.release
    shared = (
        clock if isinstance(clock, SimulationClock) else SimulationClock(clock or SystemClock())
    )
    folders = simulator.master_data or (shipped("fixtures/erp"),)
    if simulator.state is not None:
        _make_folder(simulator.state.parent)
    erp = SimulatedErp(MasterData.load(*folders), shared, engine_settings, simulator.state)
    log = CallLog(call_log, shared.now) if call_log is not None else None
    return LocalSimulator(
        erp,
        RfcFace(erp, face_settings, call_log=log),
        shared,
        lambda: http_front(settings, erp, face_settings, call_log),
    )


def simulator_of(settings: Settings, *, clock: Clock | None = None) -> SimulatorHandle:
    """
    Return the simulated ERP of the settings, wherever it runs; close it.

    Raises:
        ConfigurationError: the settings are for a real ERP, or see :func:`local_simulator`.
    """
    if settings.erp.driver != "simulator":
        raise ConfigurationError(
            f"{settings.file.path}: erp.driver",
            f"is {settings.erp.driver}, not simulator",
            "A real ERP is not simulated: name a state file or an address of a simulated one",
        )
    if settings.erp.simulator.address:
        return RemoteSimulator(settings.erp.simulator.address)
    return local_simulator(settings, clock=clock)


def serve(simulator: LocalSimulator, host: str, port: int) -> RfcServer:
    """
    Offer *simulator* to other processes; the returned server is started and must be closed.

    Raises:
        ConfigurationError: host and port cannot be listened on.
    """

    erp, face, front = simulator.erp, simulator.face, simulator.front

    def release_all() -> int:
        return face.release_held() + front.release_held() + erp.release_updates()

    more: dict[str, Callable[..., Any]] = {
        **http_controls(front),
        "tick": simulator.tick,
        "run jobs": simulator.run_jobs,
        "reset": simulator.reset,
        "now": lambda: simulator.clock.now().isoformat(),
        "waiting engine faults": lambda: [list(each) for each in erp.faults.waiting()],
        "clear engine faults": erp.faults.clear,
        "release all": release_all,
    }
    try:
        server = RfcServer(simulator.face, host, port, more)
    except OSError as error:
        raise ConfigurationError(
            f"simulator serve: {host}:{port}",
            f"cannot be listened on: {error.strerror}",
            "Choose another port, or stop what uses it",
        ) from error
    return server.start()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"erp.simulator.state: {folder}",
            f"the folder cannot be made: {error.strerror}",
            "Name a file in a folder that this user may write to",
        ) from error
