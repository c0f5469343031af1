"""How to reach and log on to an ERP over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class BasicLogon(BaseModel):
    """User and password with every request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["basic"] = "basic"
    user: Annotated[str, Field(min_length=1)]
    password: SecretStr


class OAuthLogon(BaseModel):
    """OAuth 2.0 client credentials: a token from *token_url*, renewed before it expires."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["oauth"] = "oauth"
    token_url: Annotated[str, Field(min_length=1)]
    client_id: Annotated[str, Field(min_length=1)]
    client_secret: SecretStr
    #: Scopes, separated by blanks; empty asks for none.
    scope: str = ""

    @field_validator("token_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        return _address(value)


class CertificateLogon(BaseModel):
    """A client certificate in PEM form; the key may be in the same file, without a password."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["certificate"] = "certificate"
    certificate: Path
    key: Path | None = None


Logon = Annotated[BasicLogon | OAuthLogon | CertificateLogon, Field(discriminator="kind")]


class HttpOptions(BaseModel):
    """Options of every HTTP transport. Durations are in seconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    #: Scheme, host and port of the ERP: `https://s4.example.com:44300`.
    base_url: Annotated[str, Field(min_length=1)]
    logon: Logon
    #: ERP client (mandant), sent as `sap-client`; empty: the server's own default.
    client: Annotated[str, Field(pattern=r"^(\d{3})?$")] = ""
    #: Logon language, sent as `sap-language`.
    language: Annotated[str, Field(pattern=r"^([A-Za-z]{2})?$")] = "EN"
    #: File with the certificates of the authorities to trust; empty: those of the system.
    ca_file: Path | None = None
    #: How long a connection may take, and how long an answer may.
    connect_timeout_s: Annotated[float, Field(gt=0)] = 10
    read_timeout_s: Annotated[float, Field(gt=0)] = 120
    #: Requests under way at one time, and how long a caller waits for its turn.
    sessions: Annotated[int, Field(ge=1)] = 4
    session_wait_s: Annotated[float, Field(gt=0)] = 30
    #: A connection that rested for longer is not used for a write: the ERP may be closing it.
    rested_s: Annotated[float, Field(ge=0)] = 10
    #: Answers larger than this are refused, in bytes.
    max_answer_bytes: Annotated[int, Field(ge=1024)] = 64 * 1024 * 1024
    #: Tries of a read that met a passing failure, and how long they may take together.
    read_tries: Annotated[int, Field(ge=1, le=3)] = 3
    read_tries_s: Annotated[float, Field(gt=0, le=30)] = 30

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        return _address(value).rstrip("/")


def _address(value: str) -> str:
    try:
        parts = urlsplit(value)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid:
        raise ValueError("expected an address such as https://s4.example.com:44300")
    if parts.username is not None or parts.password is not None:
        raise ValueError("expected an address without user and password; they have their own keys")
    return value
