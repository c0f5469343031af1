"""
What an answer of a service means for the connector.

TransientError
|- ChangedMeanwhileError      412: somebody changed the entity; read it again, then decide anew
`- VersionNeededError         428: the service wants If-Match; read the entity for its ETag
RejectedError
|- NotThereError              404 in the service's own words: no such entity, or no such set
`- AnswerUnclearError         a field is missing or of another type than every known release gives

Messages decide before the status, and by class and number only (`connector/erp/messages.py`). A
refused write has posted nothing: a service rolls back what it refuses. The exceptions are status
500 with words that the table does not know, and messages that the table calls *in doubt*, such as
"RequestID is outdated": that one was posted, and its answer is gone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from connector.erp.hold_reasons import HoldReason
from connector.erp.http.errors import not_authorized, refusal_of
from connector.erp.http.exchange import Answer, Call
from connector.erp.messages import MessageTable, ReturnRow, Verdict
from connector.erp.odata.messages import messages_of_error, messages_of_header
from connector.errors import (
    ConfigurationError,
    ConnectorError,
    ErpMessage,
    LockedError,
    OutcomeUnknownError,
    RejectedError,
    TransientError,
)

_STALE: Final = ("/IWBEP/CM_MGW_RT", "190")
#: Class of the gateway's messages about services that are not there.
_NO_SERVICE: Final = "/IWFND/MED"
#: Statuses whose body says nothing that the status does not say better.
_BY_STATUS_ALONE: Final = frozenset({401, 408, 425, 429, 502, 503, 504})
#: Something is set up wrongly, whatever is written to it.
_SETTINGS: Final = frozenset({405, 406, 410, 415, 501})


class ChangedMeanwhileError(TransientError):
    """The entity is no longer as it was read (412); nothing was changed."""


class VersionNeededError(TransientError):
    """The service wants to know which version is changed (428); nothing was changed."""


class NotThereError(RejectedError):
    """The service knows no such entity (404)."""


class AnswerUnclearError(RejectedError):
    """
    The ERP's answer cannot be understood; ``entity`` and ``field`` say where.

    Raised while an answer is read. After a write it says nothing about what was posted.
    """

    def __init__(self, entity: str, field: str, problem: str) -> None:
        self.entity, self.field = entity, field
        super().__init__(
            f"{entity}.{field}: {problem}. Does the service have the release that is configured?",
            code=HoldReason.ERP_ANSWER_UNCLEAR.value,
        )


@dataclass(frozen=True, slots=True)
class Judge:
    """Says what an answer means; *table* knows the messages."""

    table: MessageTable

    def refusal(self, answer: Answer, call: Call, now: datetime) -> ConnectorError | None:
        """Return the error that *answer* stands for, None for a success."""
        if answer.is_success:
            return refusal_of(answer, call, now) or self._in_success(answer, call)
        if answer.status < 400 or answer.status in _BY_STATUS_ALONE:
            return refusal_of(answer, call, now)
        messages = messages_of_error(answer)
        if not messages:
            return self._without_words(answer, call, now)
        return (
            self._in_doubt(messages, call)
            or self._by_status(answer, call, messages)
            or self._by_table(answer, call, messages)
        )

    def _in_success(self, answer: Answer, call: Call) -> ConnectorError | None:
        """A status of the 200s with a message of type E has done something, but what?"""
        messages = messages_of_header(answer)
        refusal = self.table.refusal([ReturnRow(each) for each in messages], call.action)
        if refusal is None or not call.writes:
            return refusal
        words = "; ".join(str(each) for each in messages)
        return OutcomeUnknownError(f"{call.action}: posted with an error: {words}", messages)

    def _without_words(self, answer: Answer, call: Call, now: datetime) -> ConnectorError | None:
        if answer.status == 412:
            return _changed_meanwhile(call, ())
        if answer.status == 428:
            return _version_needed(call, ())
        if answer.status in (400, 409, 422):
            return RejectedError(f"{call.action}: the ERP refused it (HTTP {answer.status})")
        if answer.status == 423:
            return LockedError(call.action, "")
        if answer.status == 501:
            return ConfigurationError(call.action, "the service does not do that (HTTP 501)")
        return _in_broken_words(answer, call) or refusal_of(answer, call, now)

    def _in_doubt(self, messages: tuple[ErpMessage, ...], call: Call) -> ConnectorError | None:
        known = [self.table.meaning_of(each) for each in messages]
        if call.writes and any(each and each.verdict is Verdict.IN_DOUBT for each in known):
            words = "; ".join(str(each) for each in messages)
            return OutcomeUnknownError(f"{call.action}: {words}", messages)
        return None

    def _by_status(
        self, answer: Answer, call: Call, messages: tuple[ErpMessage, ...]
    ) -> ConnectorError | None:
        words = "; ".join(str(each) for each in messages)
        stale = any((each.message_class, each.number) == _STALE for each in messages)
        if answer.status == 412 or stale:
            return _changed_meanwhile(call, messages)
        if answer.status == 428:
            return _version_needed(call, messages)
        if any(each.message_class == _NO_SERVICE for each in messages):
            return ConfigurationError(
                call.action, words, "Activate the service in the ERP (/IWFND/MAINT_SERVICE)"
            )
        if answer.status == 404:
            return NotThereError(f"{call.action}: {words}", messages, "DOCUMENT_UNKNOWN")
        problem = f"HTTP {answer.status}: {words}"
        if answer.status in _SETTINGS:
            return ConfigurationError(call.action, problem)
        return not_authorized(call, problem) if answer.status == 403 else None

    def _by_table(
        self, answer: Answer, call: Call, messages: tuple[ErpMessage, ...]
    ) -> ConnectorError:
        words = "; ".join(dict.fromkeys(str(each) for each in messages))
        known = any(self._decides(each) for each in messages)
        if answer.status >= 500 and not known:
            if call.writes:
                return OutcomeUnknownError(f"{call.action}: the ERP failed: {words}", messages)
            return TransientError(f"{call.action}: the ERP failed: {words}", messages)
        if answer.status == 423 and not known:
            return LockedError(call.action, "", messages)
        rows = [ReturnRow(each) for each in messages]
        return self.table.refusal(rows, call.action) or RejectedError(
            f"{call.action}: {words}", messages
        )

    def _decides(self, message: ErpMessage) -> bool:
        known = self.table.meaning_of(message)
        return known is not None and known.verdict is not Verdict.NOTE


def _in_broken_words(answer: Answer, call: Call) -> TransientError | None:
    """The service itself answered a read, and its words are broken: nothing is set up wrongly."""
    if call.writes or answer.media_type != "application/json" or not answer.body:
        return None
    return TransientError(f"{call.action}: HTTP {answer.status}, the ERP's words cannot be read")


def _changed_meanwhile(call: Call, messages: tuple[ErpMessage, ...]) -> ChangedMeanwhileError:
    return ChangedMeanwhileError(
        f"{call.action}: somebody changed it meanwhile (412); it is read again first", messages
    )


def _version_needed(call: Call, messages: tuple[ErpMessage, ...]) -> VersionNeededError:
    return VersionNeededError(
        f"{call.action}: the service wants the version that is changed (428); "
        "the ETag is read first",
        messages,
    )
