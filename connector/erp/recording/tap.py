"""Where a recording or a replay puts itself: between the connector and its drivers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from connector.erp.http.options import BasicLogon, HttpOptions
from connector.erp.http.session import AdapterFactory
from connector.erp.recording.odata_values import HOST
from connector.erp.recording.player import Player
from connector.erp.recording.recorder import Recorder
from connector.erp.rfc.driver import RfcDriver


class Tap(Protocol):
    """Makes the drivers of one run."""

    @property
    def plays(self) -> bool:
        """Whether no ERP is reached at all."""
        ...

    def driver(self, own: Callable[[], RfcDriver]) -> RfcDriver:
        """Return what opens RFC sessions, perhaps around what *own* makes."""
        ...

    def http(
        self, own: Callable[[], tuple[HttpOptions, AdapterFactory | None]]
    ) -> tuple[HttpOptions, AdapterFactory | None]:
        """Return how HTTP is spoken, perhaps around what *own* says."""
        ...


@dataclass(frozen=True, slots=True)
class RecordingTap:
    """Lets everything pass and writes it down."""

    recorder: Recorder

    @property
    def plays(self) -> bool:
        return False

    def driver(self, own: Callable[[], RfcDriver]) -> RfcDriver:
        return self.recorder.driver(own())

    def http(
        self, own: Callable[[], tuple[HttpOptions, AdapterFactory | None]]
    ) -> tuple[HttpOptions, AdapterFactory | None]:
        options, adapter = own()
        return options, self.recorder.adapter(adapter, system_trust=options.ca_file is None)


@dataclass(frozen=True, slots=True)
class PlayingTap:
    """Answers from a recording; the settings' own ERP is not even looked at."""

    player: Player

    @property
    def plays(self) -> bool:
        return True

    def driver(self, own: Callable[[], RfcDriver]) -> RfcDriver:
        return self.player.driver()

    def http(
        self, own: Callable[[], tuple[HttpOptions, AdapterFactory | None]]
    ) -> tuple[HttpOptions, AdapterFactory | None]:
        nobody = BasicLogon(user="REPLAY", password=SecretStr("-"))
        return HttpOptions(base_url=HOST, logon=nobody), self.player.adapter
