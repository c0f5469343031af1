"""Who may open a session: client, user, password, number of sessions."""

from __future__ import annotations

from collections.abc import Mapping

from connector.simulator.rfc.exceptions import (
    CommunicationError,
    ExternalRuntimeError,
    LogonError,
    connection_refused,
)
from connector.simulator.rfc.faults import ConnectionFaults, Fault
from connector.simulator.rfc.settings import FaceSettings

#: Connection parameters of which one says where the ERP is.
_TARGETS = ("ashost", "mshost", "gwhost", "wshost", "dest")
_LANGUAGES = {"D": "DE", "E": "EN"}


class Logon:
    """Checks a logon; the caller serializes."""

    def __init__(self, settings: FaceSettings, faults: ConnectionFaults) -> None:
        self._settings, self._faults = settings, faults
        self._wrong: dict[str, int] = {}

    def check(self, params: Mapping[str, str], sessions: int) -> tuple[str, str]:
        """
        Return user and logon language (EN, DE), with *sessions* already open.

        Raises:
            ExternalRuntimeError: no parameter says where the ERP is.
            LogonError: client, user or password is wrong, or the user is locked.
            CommunicationError: the ERP is not reached or has no session left.
        """
        if not any(params.get(name) for name in _TARGETS):
            raise ExternalRuntimeError(
                "Parameter ASHOST, GWHOST, MSHOST or PORT is missing.",
                20,
                "RFC_INVALID_PARAMETER",
            )
        self._line_faults(params)
        if sessions >= self._settings.sessions:
            raise _no_session(self._settings.sessions)
        user = params.get("user", "").upper()
        self._password(user, params)
        language = params.get("lang", "EN").upper()
        return user, _LANGUAGES.get(language, language)

    def _line_faults(self, params: Mapping[str, str]) -> None:
        injected = self._faults.take("open")
        if injected is None:
            return
        match injected.fault:
            case Fault.LOGON_FAILURE:
                raise _wrong_password()
            case Fault.PASSWORD_EXPIRED:
                # No source shows SAP's wording; callers go by the exception and its key.
                raise LogonError("Password has expired: change it in a dialog logon")
            case Fault.NO_FREE_SESSION:
                raise _no_session(self._settings.sessions)
        host = params.get("ashost") or params.get("mshost") or self._settings.host
        raise connection_refused(host)

    def _password(self, user: str, params: Mapping[str, str]) -> None:
        if params.get("client", self._settings.client) != self._settings.client:
            raise LogonError(f"Client {params['client']} is not available in this system")
        users = {name.upper(): secret for name, secret in self._settings.users.items()}
        if self._wrong.get(user, 0) >= self._settings.wrong_passwords_allowed:
            raise LogonError("User is locked. Please notify the person responsible")
        given = params.get("passwd", "")
        if users:
            right = user in users and users[user].get_secret_value() == given
        else:
            right = bool(user and given)
        if not right:
            self._wrong[user] = self._wrong.get(user, 0) + 1
            raise _wrong_password()
        self._wrong.pop(user, None)


def _wrong_password() -> LogonError:
    return LogonError("Name or password is incorrect (repeat logon)")


def _no_session(limit: int) -> CommunicationError:
    return CommunicationError(
        f"max no of {limit} conversations exceeded", 1, "RFC_COMMUNICATION_FAILURE"
    )
