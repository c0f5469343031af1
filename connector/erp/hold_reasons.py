"""Hold reasons that the transport gives by itself; those of messages are in their table."""

from __future__ import annotations

from enum import StrEnum


class HoldReason(StrEnum):
    """Code of a RejectedError."""

    #: The ERP refused with a message that the table does not know.
    ERP_REJECTED = "ERP_REJECTED"
    #: The ERP reported no error and created nothing.
    NOTHING_CREATED = "NOTHING_CREATED"
    #: A value is longer than its field, or of another kind.
    VALUE_DOES_NOT_FIT = "VALUE_DOES_NOT_FIT"
    #: More manual conditions than a function takes.
    TOO_MANY_CONDITIONS = "TOO_MANY_CONDITIONS"
    #: An answer holds a value that no known release gives.
    ERP_ANSWER_UNCLEAR = "ERP_ANSWER_UNCLEAR"
    #: The document has something for which the routed service has no field.
    NOT_OFFERED_BY_SERVICE = "NOT_OFFERED_BY_SERVICE"
