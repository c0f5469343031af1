"""Settings of the transports over HTTP: where the ERP is, and how one logs on."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, SecretStr, StringConstraints, model_validator

from connector.settings.fields import ExistingFile, LocalPath, Section, secret_of


class OAuth2Settings(Section):
    """OAuth 2.0 client credentials."""

    token_url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    """Where tokens are handed out; on premise `https://HOST:PORT/sap/bc/sec/oauth2/token`."""
    client_id: str
    """Name of the client."""
    client_secret: SecretStr | None = None
    """Its secret; only from the environment."""
    client_secret_file: LocalPath | None = None
    """File whose first line is the secret."""
    scope: str = ""
    """Scopes to ask for, separated by blanks. Empty: none."""

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        if self.secret() is None:
            raise ValueError("there is no secret: name a file with it in client_secret_file")
        return self

    def secret(self) -> SecretStr | None:
        """The secret, from wherever it was given; None where there is none."""
        return secret_of(self.client_secret, self.client_secret_file, "client_secret")


class HttpSettings(Section):
    """An ERP over HTTP. One way to log on: user, OAuth 2.0, or a client certificate."""

    url: Annotated[str, StringConstraints(pattern=r"^(https?://[^\s/]+/?)?$")] = ""
    """Scheme, host and port: `https://s4.example.com:44300`."""
    client: Annotated[str, StringConstraints(pattern=r"^(\d{3})?$")] = ""
    """Client, three digits (in quotes). Empty: the server's default."""
    language: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "EN"
    """Logon language: messages are in it."""
    user: str = ""
    """User to log on with: one of its own, with no more rights than it needs."""
    password: SecretStr | None = None
    """Password to log on with; only from the environment."""
    password_file: LocalPath | None = None
    """File whose first line is the password."""
    oauth2: OAuth2Settings | None = None
    client_certificate: ExistingFile | None = None
    """Certificate to log on with, in PEM form."""
    client_key: ExistingFile | None = None
    """Its key, in PEM form without a password. Empty: it is in the same file."""
    ca_file: ExistingFile | None = None
    """Certificates of the authorities to trust. Empty: those of the system."""
    http: dict[str, Any] = Field(default_factory=dict)
    """Connections, by name: sessions, time-outs, tries."""
    options: dict[str, Any] = Field(default_factory=dict)
    """How the transport works on this ERP, by name."""

    @model_validator(mode="after")
    def _logs_on_one_way(self) -> Self:
        secret = secret_of(self.password, self.password_file)
        ways = {
            "user": bool(self.user),
            "oauth2": self.oauth2 is not None,
            "client_certificate": self.client_certificate is not None,
        }
        given = [name for name, found in ways.items() if found]
        if len(given) > 1:
            raise ValueError(f"there are {len(given)} ways to log on, {', '.join(given)}; keep one")
        if secret is not None and not self.user:
            raise ValueError("there is a password without user; add the user")
        if self.client_key is not None and self.client_certificate is None:
            raise ValueError("there is a client_key without client_certificate")
        return self

    @property
    def logs_on(self) -> bool:
        """Whether there is any way to log on."""
        return bool(self.user or self.oauth2 or self.client_certificate)

    def secret(self) -> SecretStr | None:
        """The password, from wherever it was given; None where there is none."""
        return secret_of(self.password, self.password_file)

    def require_logon(self, section: str, operation: str) -> None:
        """Raise ValueError when address or logon are missing, which *operation* needs."""
        if not self.url:
            raise ValueError(f"{operation} goes over {section[4:]}, but {section}.url is missing")
        if not self.logs_on:
            raise ValueError(
                f"{section} says no way to log on: add user and password_file, oauth2 or "
                "client_certificate"
            )
        if self.user and self.secret() is None:
            variable = f"SD_CONNECTOR__{section.replace('.', '__').upper()}__PASSWORD"
            raise ValueError(
                f"there is no password for {section}: set the environment variable {variable}, or "
                "password_file in the section"
            )


class ODataSettings(HttpSettings):
    """How a real ERP is reached over OData, where anything is routed over it."""


class SoapSettings(HttpSettings):
    """
    How a real ERP is reached over SOAP, where anything is routed over it.

    Without `url` it is the host of `erp.odata`, connected to alike; without a way to log on it is
    logged on alike.
    """

    def reached_like(self, other: HttpSettings) -> SoapSettings:
        """Return these settings with address and logon of *other* where they have none."""
        changes: dict[str, Any] = {}
        if not self.url:
            names = ("url", *(() if self.client else ("client",)))
            names += () if self.ca_file else ("ca_file",)
            changes |= {name: getattr(other, name) for name in names}
        if not self.logs_on:
            names = ("user", "password", "password_file", "oauth2")
            names += ("client_certificate", "client_key")
            changes |= {name: getattr(other, name) for name in names}
        return self.model_copy(update=changes)
