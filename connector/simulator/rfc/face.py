"""
The RFC face: opens sessions of the simulated ERP and runs functions in them.

In process `RfcFace.connect` gives connections; `server.RfcServer` offers the same face to other
processes.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from connector.simulator.engine.faults import ShortDumpError
from connector.simulator.rfc import handlers
from connector.simulator.rfc.call_log import CallLog
from connector.simulator.rfc.connection import Connection
from connector.simulator.rfc.context import (
    Call,
    CallAbandoned,
    ConnectionDropped,
    Context,
    Handler,
    HeldCall,
)
from connector.simulator.rfc.dictionary import Dictionary, Function, Row
from connector.simulator.rfc.encode import encode
from connector.simulator.rfc.exceptions import (
    ABAPRuntimeError,
    RFCLibError,
    function_not_found,
    message_raised,
    no_authority,
    short_dump,
)
from connector.simulator.rfc.faults import ConnectionFaults, Fault
from connector.simulator.rfc.local import LocalLink
from connector.simulator.rfc.logon import Logon
from connector.simulator.rfc.settings import (
    CLEARING_FUNCTION,
    GOODS_ISSUE_REVERSAL_FUNCTION,
    FaceSettings,
)
from connector.simulator.rfc.spoil import SPOILED
from connector.simulator.waiting_faults import InjectedFault

if TYPE_CHECKING:
    from connector.simulator.engine.erp import SimulatedErp

#: How long `release_held` waits for a held call's own thread, in seconds.
_RELEASE_S = 30.0


class RfcFace:
    """
    The simulated ERP as RFC clients see it. All methods may be called from any thread.

    *sleep* waits for the latency; *call_log* gets one line per call.
    """

    def __init__(
        self,
        erp: SimulatedErp,
        settings: FaceSettings | None = None,
        dictionary: Dictionary | None = None,
        call_log: CallLog | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.erp = erp
        self.settings = settings or FaceSettings()
        # The customer's own names of the functions that wrap what SAP keeps to itself.
        aliases = {
            self.settings.clearing_function: CLEARING_FUNCTION,
            self.settings.goods_issue_reversal_function: GOODS_ISSUE_REVERSAL_FUNCTION,
        }
        self.dictionary = dictionary or Dictionary.from_fixtures(aliases)
        self.faults = ConnectionFaults()
        self.call_log = call_log
        self._sleep = sleep
        self._handlers: dict[str, Handler] = dict(handlers.ALL)
        for name, original in aliases.items():
            self._handlers[name] = self._handlers.pop(original)
        self._logon = Logon(self.settings, self.faults)
        self._numbers = itertools.count(1)
        self._contexts: set[Context] = set()
        self._held: list[HeldCall] = []
        self._timers: list[threading.Timer] = []
        self._lock = threading.Lock()

    # -- for clients -----------------------------------------------------------------------------

    def connect(self, config: Mapping[str, Any] | None = None, **params: str) -> Connection:
        """Open a connection in this process, as ``pyrfc.Connection(config=..., **params)`` does."""
        return Connection(LocalLink(self, params), config, params)

    def open_context(self, params: Mapping[str, str]) -> Context:
        """
        Log on and open a session.

        Raises:
            LogonError: wrong client, user or password, or the user is locked.
            CommunicationError: refused, or too many sessions.
        """
        with self._lock:
            user, language = self._logon.check(params, len(self._contexts))
            session = self.erp.session(user)
            context = Context(next(self._numbers), user, self.settings.client, language, session)
            self._contexts.add(context)
            return context

    def close_context(self, context: Context) -> None:
        """End a session: what it has not committed is lost."""
        with self._lock:
            self._contexts.discard(context)
        context.lost = True
        context.session.close()

    def reset_context(self, context: Context) -> None:
        """Forget the unit of work; the session stays."""
        context.session.rollback()

    @property
    def open_sessions(self) -> int:
        """How many sessions there are."""
        with self._lock:
            return len(self._contexts)

    def invoke(self, context: Context, function: Function, imports: Row) -> Row:
        """
        Run *function* in *context* and return its results in canonical form.

        Raises:
            RFCLibError: what the function or the system answers instead.
            ConnectionDropped: the line is gone.
            CallAbandoned: the client gave up waiting, the session now belongs to the held call.
        """
        if self.settings.latency_s:
            self._sleep(self.settings.latency_s)
        try:
            results = self._invoke(context, function, imports)
        except (RFCLibError, ConnectionDropped, CallAbandoned) as error:
            self._log(context, function, imports, {}, error)
            raise
        self._log(context, function, imports, results, None)
        return results

    def _invoke(self, context: Context, function: Function, imports: Row) -> Row:
        name = function.name
        if context.lost:
            raise ConnectionDropped
        handler = self._handlers.get(name)
        if handler is None and function.remote:
            raise function_not_found(name)
        if name in self.settings.denied:
            self.close_context(context)
            raise no_authority(name)
        call = Call(function, imports, context, self.erp, self.settings, self.dictionary)
        before = self.faults.take("before", name)
        held = None
        try:
            if before is not None:
                held = self._strike(before, call)
            if handler is None or not function.remote:
                text = f"Function module \"{name}\" cannot be used for 'remote' calls."
                raise short_dump("CALL_FUNCTION_NOT_REMOTE", text)
            results = self._run(handler, call)
        except ABAPRuntimeError:
            self.close_context(context)
            raise
        finally:
            if held is not None:
                held.done.set()
        self._strike_the_answer(context, name, results)
        return results

    def _strike_the_answer(self, context: Context, name: str, results: Row) -> None:
        """Let faults happen that the function knows nothing of: it has run."""
        if self.faults.take("after", name) is not None:
            self._lose(context)
        spoiling = self.faults.take("in the answer", name)
        if spoiling is not None:
            results[SPOILED] = {"fault": spoiling.fault.value, "field": spoiling.field}
        answered = self.faults.take("answered", name)
        if answered is not None and answered.fault is Fault.LOST_BEFORE_COMMIT:
            self.close_context(context)
        elif answered is not None:
            context.session.close()
            context.session = self.erp.session(context.user)

    def _run(self, handler: Handler, call: Call) -> Row:
        try:
            return encode(call.function, handler(call))
        except ShortDumpError as dump:
            raise short_dump(dump.key, str(dump)) from dump

    def _strike(self, injected: InjectedFault[Fault], call: Call) -> HeldCall | None:
        match injected.fault:
            case Fault.SHORT_DUMP:
                raise short_dump("COMPUTE_INT_ZERODIVIDE", "Division by 0 (type I or INT8)")
            case Fault.MESSAGE_A:
                raise message_raised("A", "SR", "006", "Function not supported")
            case Fault.CLIENT_TIMEOUT:
                self._abandon(injected, call)
                raise CallAbandoned
            case Fault.COMMIT_LATE:
                return self._wait(injected, call.context)
        self._lose(call.context)
        return None

    def _lose(self, context: Context) -> None:
        self.close_context(context)
        raise ConnectionDropped

    # -- held calls ------------------------------------------------------------------------------

    def _wait(self, injected: InjectedFault[Fault], context: Context) -> HeldCall:
        held = HeldCall()
        with self._lock:
            self._held.append(held)
        held.go.wait(injected.seconds)
        with self._lock:
            if held in self._held:
                self._held.remove(held)
        if context.lost:
            held.done.set()
            raise ConnectionDropped
        return held

    def _abandon(self, injected: InjectedFault[Fault], call: Call) -> None:
        handler = self._handlers[call.function.name]

        def run() -> None:
            self._run(handler, call)
            self.close_context(call.context)

        held = HeldCall(run)
        with self._lock:
            self._held.append(held)
        if injected.seconds is not None:
            timer = threading.Timer(injected.seconds, self._release, ([held],))
            timer.daemon = True
            self._timers.append(timer)
            timer.start()

    def release_held(self) -> int:
        """Let every held call be done now, and return how many there were."""
        with self._lock:
            held = list(self._held)
        self._release(held)
        return len(held)

    @property
    def held_calls(self) -> int:
        """How many calls wait for their time."""
        with self._lock:
            return len(self._held)

    def _release(self, calls: list[HeldCall]) -> None:
        for held in calls:
            with self._lock:
                if held not in self._held:
                    continue
                self._held.remove(held)
            held.go.set()
            if held.run is not None:
                held.run()
                held.done.set()
            else:
                held.done.wait(_RELEASE_S)

    # -- for operators and tests -----------------------------------------------------------------

    def inject(
        self,
        name: str,
        on: str = "",
        times: int = 1,
        skip: int = 0,
        seconds: float | None = None,
        *,
        field: str = "",
    ) -> None:
        """Let a connection fault happen (`faults.Fault`); "erp restarting" begins at once."""
        self.faults.inject(name, on, times, skip, seconds, field=field)
        if name == Fault.ERP_RESTARTING:
            self.drop_sessions()

    def drop_sessions(self) -> int:
        """End all sessions without commit, as a restart does; return how many there were."""
        with self._lock:
            contexts = list(self._contexts)
        for context in contexts:
            self.close_context(context)
        return len(contexts)

    def register(self, name: str, handler: Handler) -> None:
        """Offer another function; the dictionary must know it."""
        self.dictionary.function(name)
        self._handlers[name] = handler

    def close(self) -> None:
        """End all sessions; calls that are still held are never done."""
        for timer in self._timers:
            timer.cancel()
        self.drop_sessions()
        with self._lock:
            held, self._held = self._held, []
        for call in held:
            call.go.set()

    def _log(
        self,
        context: Context,
        function: Function,
        imports: Row,
        results: Row,
        error: Exception | None,
    ) -> None:
        if self.call_log is not None:
            self.call_log.write(context, function, imports, results, error)
