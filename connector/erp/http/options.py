"""How to reach and log on to an ERP over HTTP."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator


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
    #: Plain HTTP sends the logon in the clear: needed for any host but this machine.
    allow_plain_http: bool = False
    #: File with the certificates of the authorities to trust; empty: those of the system.
    ca_file: Path | None = None
    #: Proxy between the connector and the ERP: `http://proxy.example.com:3128`; empty: none.
    proxy: str = ""
    #: The ERP's links carry its name behind a proxy: only their path is followed, on `base_url`.
    links_behind_proxy: bool = False
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
        if urlsplit(_address(value)).path.strip("/"):
            raise ValueError("expected scheme, host and port only; the services have their paths")
        return value.rstrip("/")

    @field_validator("proxy")
    @classmethod
    def _a_proxy(cls, value: str) -> str:
        return _address(value) if value else ""

    @model_validator(mode="after")
    def _in_secret(self) -> HttpOptions:
        secret = [self.base_url]
        if isinstance(self.logon, OAuthLogon):
            secret.append(self.logon.token_url)
        for address in secret:
            if not self.allow_plain_http and _is_plain_and_far(address):
                raise ValueError(
                    f"{address} is not encrypted, and the logon would travel in the clear: "
                    "expected https, or allow_plain_http: true"
                )
        return self


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


def _is_plain_and_far(address: str) -> bool:
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https" or host == "localhost":
        return False
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return True
