"""
The client side of a connection, with the interface and the habits of ``pyrfc.Connection``.

Values are checked here, before anything is sent. When a call ends with a broken session, a new one
is opened at once and silently, as pyrfc does: the exception leaves, the connection looks alive,
and a commit on it commits nothing and succeeds.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from connector.simulator.rfc.dictionary import FieldType, Function, Row
from connector.simulator.rfc.exceptions import (
    REOPENING_CLASSES,
    REOPENING_CODES,
    ExternalRuntimeError,
    RFCError,
    RFCLibError,
    field_not_found,
)
from connector.simulator.rfc.fill import fill
from connector.simulator.rfc.spoil import SPOILED, spoiled
from connector.simulator.rfc.wrap import Options, wrap

#: What `ping` calls; it is in no dictionary.
PING = Function("RFC_PING", {})
_ATTRIBUTES = (
    *("dest", "host", "partnerHost", "sysNumber", "sysId", "client", "user", "language", "trace"),
    *("isoLanguage", "codepage", "partnerCodepage", "rfcRole", "type", "partnerType", "rel"),
    *("partnerRel", "kernelRel", "cpicConvId", "progName", "partnerBytesPerChar"),
    *("partnerSystemCodepage", "partnerIP", "partnerIPv6", "reserved"),
)


class Link(Protocol):
    """The line to the ERP: in process (`local`) or over a socket (`remote`)."""

    def open(self) -> None:
        """Log on; raises LogonError or CommunicationError."""
        ...

    def function(self, name: str) -> Function:
        """Return the interface of a function; raises ABAPApplicationError."""
        ...

    def invoke(self, function: Function, imports: Row, timeout: int | None) -> Row:
        """Run a function and return its results in canonical form; raises RFCLibError."""
        ...

    def reset(self) -> None:
        """Forget the unit of work."""
        ...

    def close(self) -> None:
        """End the session."""
        ...

    def attributes(self) -> dict[str, str]:
        """Return what the ERP says of the session."""
        ...


class Connection:
    """
    One connection, for one thread at a time.

    Raises RFCError for an unknown option or missing parameters, and what logging on raises.
    """

    def __init__(
        self, link: Link, config: Mapping[str, Any] | None, params: Mapping[str, str]
    ) -> None:
        self._open_now = False
        self._link = link
        self._options = Options.from_config(config)
        if not params:
            raise RFCError("Connection parameters missing")
        for name, value in params.items():
            if type(value) is not str:
                kind = type(value).__name__
                raise TypeError(
                    f"connection parameter {name} is {kind}, not str; pyrfc can crash on that"
                )
        self._params = dict(params)
        self._busy = threading.Lock()
        self._misused = False
        self._open()

    # -- life ------------------------------------------------------------------------------------

    @property
    def alive(self) -> bool:
        """Whether there is a handle; after a failed call that is a new session's."""
        return self._open_now

    @property
    def handle(self) -> int | None:
        """A number while the connection is open."""
        return id(self) if self._open_now else None

    @property
    def options(self) -> dict[str, Any]:
        """The configuration in force."""
        return {name: getattr(self._options, name) for name in Options.__dataclass_fields__}

    def __bool__(self) -> bool:
        return self._open_now

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_open_now", False):
            self.close()

    def open(self) -> None:
        """Open it again after `close`."""
        if not self._open_now:
            self._open()

    def close(self) -> None:
        """Close; closing twice does nothing."""
        if self._open_now:
            self._open_now = False
            self._link.close()

    def free(self) -> None:
        """Close and forget the parameters."""
        self.close()
        self._params.clear()

    def reopen(self) -> None:
        """Close and open: a new session with an empty unit of work."""
        self.close()
        self._open()

    def cancel(self) -> None:
        """Give the running call up: the session ends."""
        self.close()

    def is_valid(self) -> bool:
        """Whether the library takes the connection for open; says nothing about the line."""
        return self._open_now

    def _open(self) -> None:
        self._link.open()
        self._open_now = True

    # -- calls -----------------------------------------------------------------------------------

    def ping(self) -> None:
        """Ask the ERP for a sign of life; ExternalRuntimeError when the connection is closed."""
        if not self._open_now:
            raise _invalid_handle()
        self._link.invoke(PING, {}, self._options.timeout)

    def reset_server_context(self) -> None:
        """Forget the unit of work, keep the connection."""
        if not self._open_now:
            raise _invalid_handle()
        self._link.reset()

    def call(
        self, func_name: str, options: Mapping[str, Any] | None = None, **params: Any
    ) -> dict[str, Any]:
        """
        Run a function and return its export, changing and tables parameters.

        ``options`` may hold ``not_requested`` (parameters neither sent nor fetched: they come
        back initial) and ``timeout`` (seconds).

        Raises:
            RFCError: the connection is closed.
            TypeError, OverflowError, ExternalRuntimeError: a value does not fit its field;
                nothing was sent.
            ABAPApplicationError: the function raised; the unit of work lives on.
            ABAPRuntimeError, CommunicationError: the unit of work is lost, or its commit may
                have been done; a new session is open already.
        """
        if type(func_name) is not str:
            raise RFCError(
                "Remote function module name must be unicode string, received:",
                func_name,
                type(func_name),
            )
        if not self._open_now:
            raise RFCError(
                f"Remote function module '{func_name}' invocation rejected because "
                "the connection is closed"
            )
        if not self._busy.acquire(blocking=False):
            self._misused = True
            raise ExternalRuntimeError(
                "The connection is in use by another thread", 19, "RFC_ILLEGAL_STATE"
            )
        try:
            return self._call(func_name, options or {}, params)
        finally:
            self._busy.release()
            if self._misused:
                self._misused = False
                self.close()

    def _call(
        self, func_name: str, options: Mapping[str, Any], params: Mapping[str, Any]
    ) -> dict[str, Any]:
        function = self._link.function(func_name)
        unwanted = _listed(options.get("not_requested", []))
        for name in unwanted:
            if name not in function.parameters:
                raise field_not_found(name)
        imports = fill(function, params)
        for name in unwanted:
            imports.pop(name, None)
        timeout = options.get("timeout", self._options.timeout)
        try:
            results = self._link.invoke(function, imports, timeout)
        except RFCLibError as error:
            if error.code in REOPENING_CODES or isinstance(error, REOPENING_CLASSES):
                self._reopen_silently()
            raise
        for name in unwanted:
            results.pop(name, None)
        spoiling = results.pop(SPOILED, None)
        answer = wrap(function, imports, results, self._options)
        return answer if spoiling is None else spoiled(answer, **spoiling)

    def _reopen_silently(self) -> None:
        """A failure to reopen takes the place of the first error, as in pyrfc."""
        self._open_now = False
        self._link.close()
        self._open()

    # -- about -----------------------------------------------------------------------------------

    def get_connection_attributes(self) -> dict[str, Any]:
        """Return what is known of the session; an empty dict when the connection is closed."""
        if not self._open_now:
            return {}
        known = {
            "sysNumber": self._params.get("sysnr", ""),
            "codepage": "4103",
            "partnerCodepage": "4103",
            "rfcRole": "C",
            "type": "E",
            "partnerType": "3",
            **self._link.attributes(),
        }
        known["language"] = known.get("isoLanguage", "")[:1]
        return {**dict.fromkeys(_ATTRIBUTES, ""), **known, "active_unit": False}

    def get_function_description(self, func_name: str) -> FunctionDescription:
        """Return name and parameters of a function; upper and lower case do not differ here."""
        return FunctionDescription(self._link.function(func_name.upper()))


class FunctionDescription:
    """A function's interface: `name` and `parameters`, one dict per parameter."""

    def __init__(self, function: Function) -> None:
        self.name = function.name
        self.parameters: list[dict[str, Any]] = []
        for parameter in function.parameters.values():
            kind = parameter.type
            scalar = isinstance(kind, FieldType)
            self.parameters.append(
                {
                    "name": parameter.name,
                    "direction": f"RFC_{parameter.direction.upper()}",
                    "parameter_type": f"RFCTYPE_{kind.rfc}"
                    if isinstance(kind, FieldType)
                    else "RFCTYPE_TABLE"
                    if parameter.is_table
                    else "RFCTYPE_STRUCTURE",
                    "nuc_length": kind.length if isinstance(kind, FieldType) else 0,
                    "decimals": kind.decimals if isinstance(kind, FieldType) else 0,
                    "optional": parameter.optional,
                    "type_description": None if scalar else kind,
                }
            )


def _listed(names: Any) -> list[str]:
    return names if isinstance(names, list) else [names]


def _invalid_handle() -> ExternalRuntimeError:
    return ExternalRuntimeError(
        "An invalid handle 'RFC_CONNECTION_HANDLE' was passed to the API call",
        13,
        "RFC_INVALID_HANDLE",
    )
