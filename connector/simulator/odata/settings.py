"""Settings of the OData face: what differs between systems, each with its usual value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class ODataFaceSettings:
    """How the simulated ERP's OData services behave where real systems differ."""

    #: Service -> release of its interface, for services that differ by release
    #: (API_SALES_ORDER_SRV: 2020 or 2026, when partners, prices and texts became creatable).
    releases: Mapping[str, str] = field(default_factory=dict)
    #: Entities per answer; the rest follows at ``__next``. 0: all at once.
    page_size: int = 1000
    #: How deep ``$expand`` may go.
    expand_depth: int = 6
    #: Operations in one ``$batch``.
    batch_operations: int = 1000
    #: Whether a write needs a token fetched before.
    csrf: bool = True
    #: How long a token is good, in seconds; systems tie it to the logon session.
    csrf_lifetime_s: float = 1800.0
    #: Whether changing or deleting an entity that has an ETag needs If-Match (else 428).
    etag_demanded: bool = True
    #: Whether a function import on an entity that has an ETag needs If-Match. Sources are silent;
    #: a value that is sent is checked in any case.
    etag_demanded_by_functions: bool = False
    #: What happens to a property that the client may not set: ``refuse`` (400) or ``ignore``.
    read_only_properties: str = "refuse"
    #: Whether a Decimal may come as a JSON number. The real one reads it from a string only.
    decimal_numbers: bool = False
    #: Services that keep the answer to a RequestID; ``*`` is all of them. Off by default, as it is
    #: until an administrator switches it on.
    repeatable_services: tuple[str, ...] = ()
    #: How long such an answer, and after that the bare id, is kept, in seconds.
    repeatable_answer_s: float = 6 * 3600.0
    repeatable_id_s: float = 12 * 3600.0
    #: Whether a success carries the messages of the ERP in ``sap-message``.
    success_messages: bool = True

    def __post_init__(self) -> None:
        """Refuse a way that does not exist."""
        if self.read_only_properties not in ("refuse", "ignore"):
            raise ValueError("read_only_properties must be refuse or ignore")
