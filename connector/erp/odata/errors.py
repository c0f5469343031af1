"""
What an answer of a service means for the connector.

TransientError
|- ChangedMeanwhileError      412: somebody changed the entity; read it again, then decide anew
`- VersionNeededError         428: the service wants If-Match; read the entity for its ETag
RejectedError
`- AnswerUnclearError         a field is missing or of another type than every known release gives
"""

from __future__ import annotations

from connector.erp.hold_reasons import HoldReason
from connector.errors import RejectedError, TransientError


class ChangedMeanwhileError(TransientError):
    """The entity is no longer as it was read (412); nothing was changed."""


class VersionNeededError(TransientError):
    """The service wants to know which version is changed (428); nothing was changed."""


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
