"""Settings of the RFC face: what differs between systems, each with its usual value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

#: The customer's function that posts an incoming payment and clears items, as the fixtures call it.
CLEARING_FUNCTION = "Z_SD_CONNECTOR_POST_CLEAR"
#: The customer's function that takes a goods issue back, as the fixtures call it.
GOODS_ISSUE_REVERSAL_FUNCTION = "Z_SD_CONNECTOR_REVERSE_GI"


@dataclass(slots=True)
class FaceSettings:
    """How the simulated ERP is reached by RFC."""

    #: SAP system id and host name, as connection attributes and RFC_SYSTEM_INFO show them.
    system_id: str = "SIM"
    host: str = "simulated-erp"
    #: The only client that exists.
    client: str = "100"
    #: Release: `ecc` fills VBUK and VBUP and has one-character categories; `s4` keeps the status
    #: in the documents' own tables and leaves VBUK and VBUP empty.
    profile: str = "ecc"
    #: User -> password. Empty: every user is let in who gives a password.
    users: Mapping[str, SecretStr] = field(default_factory=dict)
    #: Functions and tables that no user has the right for, to try out what a role lacks.
    denied: frozenset[str] = frozenset()
    #: After so many wrong passwords in a row the user is locked.
    wrong_passwords_allowed: int = 5
    #: Sessions at the same time; one more is refused.
    sessions: int = 100
    #: Time that each call takes, in seconds, waited outside of all locks.
    latency_s: float = 0.0
    #: Name of the customer's remote-enabled function for payment with clearing.
    clearing_function: str = CLEARING_FUNCTION
    #: Name of the customer's remote-enabled function that takes back a goods issue.
    goods_issue_reversal_function: str = GOODS_ISSUE_REVERSAL_FUNCTION
    #: Whether English order types and partner functions (OR, SP) are taken only with CONVERT set.
    #: Sources differ on what the functions do without it.
    external_keys_need_convert: bool = True
    #: Whether BAPI_BILLINGDOC_* commit by themselves. Sources disagree.
    billing_commits_itself: bool = False

    def __post_init__(self) -> None:
        """Refuse a profile that does not exist."""
        if self.profile not in ("ecc", "s4"):
            raise ValueError("profile must be ecc or s4")
