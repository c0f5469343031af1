"""What the ERP keeps per connection: user, language and one unit of work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from connector.simulator.rfc.dictionary import Dictionary, Function, Row
from connector.simulator.rfc.keys import KeyConversion

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp
    from connector.simulator.engine.session import Session
    from connector.simulator.rfc.settings import FaceSettings


@dataclass(slots=True, eq=False)
class Context:
    """
    One session of the ERP with the outside.

    ``language`` is the logon language (EN, DE): it decides how order types and partner functions
    are written. ``lost`` is set when the ERP has ended the session; the next call notices.
    """

    number: int
    user: str
    client: str
    language: str
    session: Session
    lost: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """What a handler gets: the checked imports, and what it may work with."""

    function: Function
    imports: Row
    context: Context
    erp: SimulatedErp
    settings: FaceSettings
    dictionary: Dictionary

    @property
    def session(self) -> Session:
        """The session whose unit of work the call belongs to."""
        return self.context.session

    def conversion(self, flag: str) -> KeyConversion:
        """Return how keys are read, with *flag* naming the import that asks for conversion."""
        return KeyConversion(
            self.erp.master_data,
            self.flag(flag),
            self.context.language,
            not self.settings.external_keys_need_convert,
        )

    def text(self, name: str) -> str:
        """Return a scalar import parameter as text, empty when not given."""
        value: str = self.imports.get(name, "")
        return value

    def flag(self, name: str) -> bool:
        """Return whether an import flag is set: any character but a blank."""
        return bool(self.imports.get(name, ""))

    def structure(self, name: str) -> Row:
        """Return an import structure: only the fields that were given."""
        value: Row = self.imports.get(name, {})
        return value

    def table(self, name: str) -> list[Row]:
        """Return the rows of a table, empty when not given."""
        value: list[Row] = self.imports.get(name, [])
        return value


Handler = Callable[[Call], Mapping[str, Any]]


class ConnectionDropped(Exception):
    """The line is gone: the client learns of it as a CommunicationError."""


class CallAbandoned(Exception):
    """The client has given up waiting; the call keeps the session and is done later."""


@dataclass(slots=True, eq=False)
class HeldCall:
    """
    A call that waits for its time. ``run`` is None while its own thread waits for ``go``.
    """

    run: Callable[[], None] | None = None
    go: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)
