"""Settings of the SOAP faces: what differs between systems, or is not known for certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: A customer's function that creates a sales order and commits it in one call.
ORDER_WRAPPER = "Z_SD_CONNECTOR_ORDER_CREATE"


@dataclass(slots=True)
class SoapSettings:
    """How the simulated ERP answers SOAP requests."""

    #: What a message does whose ID was posted before: `post again` (the service knows no
    #: messages, only documents) or `refuse` (an error in the log). It is not known for certain
    #: which of the two a system does.
    repeated_message: str = "post again"
    #: A refused entry is confirmed with a document number of zeros; off: without any.
    zeros_when_refused: bool = True
    #: The confirmation leaves when the update has run; off: before, as after a commit without
    #: waiting.
    waits_for_update: bool = True
    #: Empty elements count as absent, as an initial value does in ABAP; off: they are checked
    #: against the schema like any other.
    empty_is_absent: bool = True
    #: A table parameter comes back only when the request has its element, even if empty.
    tables_only_if_sent: bool = True
    #: Fields of structures are optional in the WSDL of a function; off: as older releases
    #: write it, each has to be sent.
    fields_are_optional: bool = True
    #: Wrapper -> the function that it calls and then commits; both have the same interface.
    wrappers: Mapping[str, str] = field(
        default_factory=lambda: {ORDER_WRAPPER: "BAPI_SALESORDER_CREATEFROMDAT2"}
    )
    #: Functions offered as web services besides the wrappers. Each call is a session of its own,
    #: so a commit that is called as a service commits nothing.
    functions: tuple[str, ...] = ("BAPI_SALESORDER_CREATEFROMDAT2", "BAPI_TRANSACTION_COMMIT")

    def __post_init__(self) -> None:
        """Refuse what no system could mean."""
        if self.repeated_message not in ("post again", "refuse"):
            raise ValueError("repeated_message must be 'post again' or 'refuse'")
