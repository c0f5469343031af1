"""
Moments outside of writes at which a process may die: a call of one of the program's functions.

The process that is to die wraps that function in itself; the program knows nothing of it.
"""

from __future__ import annotations

import importlib
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Moment:
    """
    The *call*-th call (from 1) of *target*, ``module:name`` or ``module:Class.name``.

    *after*: when it has returned, else before it begins. *signal* is what the process sends itself.
    """

    what: str
    target: str
    after: bool = False
    call: int = 1
    signal: int = signal.SIGKILL

    def __str__(self) -> str:
        number = f" ({self.call})" if self.call > 1 else ""
        return f"{self.what}{number}"

    def arm(self) -> None:
        """Wrap the function, in this process."""
        module, _, path = self.target.partition(":")
        *owners, name = path.split(".")
        owner: Any = importlib.import_module(module)
        for each in owners:
            owner = getattr(owner, each)
        setattr(owner, name, self._wrapped(getattr(owner, name)))

    def _wrapped(self, function: Callable[..., Any]) -> Callable[..., Any]:
        calls = 0

        @wraps(function)
        def wrapper(*arguments: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            strikes = calls == self.call
            if strikes and not self.after:
                os.kill(os.getpid(), self.signal)
            result = function(*arguments, **named)
            if strikes and self.after:
                os.kill(os.getpid(), self.signal)
            return result

        return wrapper


_ORDERS: Final = "connector.store.orders"
_MIRROR: Final = "connector.store.mirror"
_STEPS: Final = "connector.store.steps:SqlSteps"
_FOLDER: Final = "connector.channels.folder:FolderChannel"

#: Intake: from the file to the store and back.
INTAKE: Final = (
    Moment("a file is found, nothing is read", f"{_FOLDER}._read_file"),
    Moment("a batch is read, nothing is stored", f"{_ORDERS}:SqlOrders.receive"),
    Moment("a batch is being stored", f"{_ORDERS}:_read_known", after=True),
    Moment("a batch is being stored", f"{_ORDERS}:_read_known", after=True, call=2),
    Moment("a batch is stored, nothing is acknowledged", f"{_ORDERS}:SqlOrders.receive", True),
    Moment("the second batch is stored, the first acknowledged", f"{_ORDERS}:SqlOrders.receive",
           True, 2),
    Moment("some of a batch is acknowledged", f"{_FOLDER}.acknowledge", call=2),
    Moment("all is acknowledged, the file is not moved",
           "connector.channels.drop_folder:DropFolder.put_away"),
    Moment("the file is moved", "connector.channels.drop_folder:DropFolder.put_away", True),
)  # fmt: skip

#: Status pull: from the question what changed to the watermark.
STATUS: Final = (
    *(
        moment
        for call in (1, 2, 3)
        for moment in (
            Moment("changes are read, no chain", "connector.sync.passes:changed_flows", True, call),
            Moment("a chain is to be read", "connector.sync.crew:refresh", call=call),
            Moment("a chain is read, nothing mirrored", f"{_MIRROR}:SqlMirror.store", call=call),
            Moment("documents are mirrored, links are not", f"{_MIRROR}:_write_links", call=call),
            Moment("all is mirrored, not committed", f"{_MIRROR}:_note_reading", True, call),
            Moment("the mirror is written", f"{_MIRROR}:SqlMirror.store", True, call),
            Moment("the watermark is to move", "connector.sync.passes:keep_watermark", call=call),
        )
    ),
    Moment("the watermark is moved", f"{_MIRROR}:SqlMirror.set_watermark", True),
    Moment("the watermark is moved", f"{_MIRROR}:SqlMirror.set_watermark", True, 2),
)

#: What takes over after a dead worker, and what looks for what it may have posted.
SWEEPER: Final = (
    Moment("dead workers' steps are found", f"{_STEPS}.expired", True),
    Moment("a dead worker's step is taken over", f"{_STEPS}.take_over", True),
    Moment("it is known what to do with it", "connector.sync.recover:_settle", True),
)
DOUBT: Final = (
    Moment("a doubt is to be resolved", "connector.sync.crew:resolve"),
    Moment("a doubt is taken over for its look-up", "connector.sync.doubt:look_up"),
    Moment("a look-up has answered", "connector.sync.doubt:look_up", True),
    Moment("a doubt is resolved", "connector.sync.crew:resolve", True),
    Moment("a second look-up has answered", "connector.sync.doubt:look_up", True, 2),
    Moment("a third look-up has answered", "connector.sync.doubt:look_up", True, 3),
)

#: Making the store, and any transaction on it.
STORE: Final = (
    Moment("the store is locked, not made", "connector.store.lock:WriterLock.__init__", True),
    Moment("the first table is made", "alembic.op:create_table", True),
    Moment("some tables are made", "alembic.op:create_table", True, 5),
    Moment("an index is made", "alembic.op:create_index", True, 2),
    Moment("all tables are made, not committed", "alembic.command:upgrade", True),
    Moment("the store is made", "connector.store.migrate:upgrade_locked", True),
)

#: The simulated ERP's own commit; for the ERP's process.
ERP: Final = tuple(
    Moment(what, f"connector.simulator.engine.state:StateFile.{name}", after, call)
    for call in range(1, 8)
    for what, name, after in (
        ("a unit of work is to be written", "write", False),
        ("a unit of work is written, not answered", "write", True),
    )
)
