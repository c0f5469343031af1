"""The line of a connection in the same process: straight into the face."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from connector.simulator.rfc.context import CallAbandoned, ConnectionDropped, Context
from connector.simulator.rfc.dictionary import Function, Row
from connector.simulator.rfc.exceptions import ABAPRuntimeError, cancelled, connection_lost

if TYPE_CHECKING:
    from connector.simulator.rfc.face import RfcFace


class LocalLink:
    """Holds one session of the face at a time; values are passed on as they are."""

    def __init__(self, face: RfcFace, params: Mapping[str, str]) -> None:
        self._face, self._params = face, params
        self._context: Context | None = None

    def open(self) -> None:
        """Log on; raises LogonError or CommunicationError."""
        self._context = self._face.open_context(self._params)

    def function(self, name: str) -> Function:
        """Return the interface of a function; raises ABAPApplicationError."""
        return self._face.dictionary.function(name)

    def invoke(self, function: Function, imports: Row, timeout: int | None) -> Row:
        """Run a function. *timeout* has no meaning without a line."""
        del timeout
        context = self._context
        if context is None:
            raise connection_lost()
        try:
            return self._face.invoke(context, function, imports)
        except CallAbandoned:
            self._context = None
            raise cancelled() from None
        except ConnectionDropped:
            self._context = None
            raise connection_lost() from None
        except ABAPRuntimeError:
            self._context = None
            raise

    def reset(self) -> None:
        """Forget the unit of work."""
        if self._context is not None:
            self._face.reset_context(self._context)

    def close(self) -> None:
        """End the session; what was not committed is lost."""
        context, self._context = self._context, None
        if context is not None:
            self._face.close_context(context)

    def attributes(self) -> dict[str, str]:
        """Return host, system, client, user and language."""
        context, settings = self._context, self._face.settings
        if context is None:
            return {}
        return {
            "partnerHost": settings.host,
            "sysId": settings.system_id,
            "client": context.client,
            "user": context.user,
            "isoLanguage": context.language,
            "cpicConvId": f"{context.number:08}",
        }
