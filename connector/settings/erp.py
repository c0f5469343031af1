"""Settings of the ERP: which one, over which transports, and how each of them is reached."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    PrivateAttr,
    SecretStr,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from connector.ports.capabilities import ErpOperation, Transport
from connector.settings.erp_http import ODataSettings, SoapSettings
from connector.settings.fields import (
    FOLDER,
    ExistingFolder,
    LocalPath,
    Name,
    Seconds,
    Section,
    secret_of,
)
from connector.settings.system_profile import (
    Routes,
    RouteTable,
    SystemProfile,
    system_profile,
)


class SimulatorSettings(Section):
    """The simulated ERP, when `erp.driver` is `simulator`."""

    master_data: tuple[ExistingFolder, ...] = ()
    """
    Folders with its master data; a row of a later folder replaces its like of an earlier one.
    Empty: the trading company that is shipped.
    """
    state: LocalPath | None = None
    """File that keeps its documents. Empty: they are gone when the process ends."""
    address: Annotated[str, StringConstraints(pattern=r"^([^:\s]+:\d{1,5})?$")] = ""
    """`host:port` of a running `sd-connector simulator serve`. Empty: it runs in this process."""
    http_address: Annotated[
        str, StringConstraints(pattern=r"^((https?://)?[^:/\s]+:\d{1,5})?$")
    ] = ""
    """
    Where the same one answers OData and SOAP: `http://host:port`. Needed beside `address` where
    anything is routed over them.
    """
    user: str = "CONNECTOR"
    """User to log on with."""
    password: SecretStr | None = None
    """Password to log on with; only from the environment."""
    password_file: LocalPath | None = None
    """File whose first line is the password."""
    engine: dict[str, Any] = Field(default_factory=dict)
    """Business behaviour where systems differ, by name."""
    face: dict[str, Any] = Field(default_factory=dict)
    """How it is reached over RFC: release, sessions, latency and the like, by name."""
    http: dict[str, Any] = Field(default_factory=dict)
    """How it is reached over HTTP: certificates, sessions, latency and the like, by name."""
    odata: dict[str, Any] = Field(default_factory=dict)
    """How its OData services behave where systems differ, by name."""
    entities: dict[str, Any] = Field(default_factory=dict)
    """How their values are written where systems differ, by name."""
    soap: dict[str, Any] = Field(default_factory=dict)
    """How its web services behave where systems differ, by name."""

    @model_validator(mode="after")
    def _where_it_runs(self) -> Self:
        behaviour = (
            self.engine or self.face or self.http or self.odata or self.entities or self.soap
        )
        if self.address and (self.master_data or self.state or behaviour):
            raise ValueError(
                "address names a simulated ERP that runs elsewhere, with master data, state and "
                "behaviour of its own; leave out address, or master_data, state, engine and face"
            )
        if self.http_address and not self.address:
            raise ValueError("http_address belongs to a simulated ERP elsewhere: add its address")
        if "users" in self.face or "users" in self.http:
            raise ValueError("users have passwords: give user and password_file instead of users")
        secret_of(self.password, self.password_file)
        return self

    @property
    def http_url(self) -> str:
        """``http_address`` with its scheme, which is http where none is given."""
        address = self.http_address
        return address if not address or "://" in address else f"http://{address}"

    def secret(self) -> SecretStr | None:
        """The password, from wherever it was given; None where there is none."""
        return secret_of(self.password, self.password_file)


class RfcSettings(Section):
    """How a real ERP is reached over RFC, where anything is routed over it."""

    ashost: str
    """Host of the application server."""
    sysnr: Annotated[str, StringConstraints(pattern=r"^\d{2}$")]
    """Instance number, two digits (in quotes)."""
    client: Annotated[str, StringConstraints(pattern=r"^\d{3}$")]
    """Client, three digits (in quotes)."""
    user: str
    """User to log on with: one of its own, with no more rights than it needs."""
    password: SecretStr | None = None
    """Password to log on with; only from the environment."""
    password_file: LocalPath | None = None
    """File whose first line is the password."""
    lang: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "EN"
    """Logon language; document types and partner functions are read in it."""
    parameters: dict[str, str] = Field(default_factory=dict)
    """Further logon parameters of the RFC library by name, such as `saprouter` or `snc_qop`."""

    @model_validator(mode="after")
    def _has_one_secret(self) -> Self:
        secret_of(self.password, self.password_file)
        return self

    def secret(self) -> SecretStr | None:
        """The password, from wherever it was given; None where there is none."""
        return secret_of(self.password, self.password_file)


def _driver_of_before(value: Any) -> Any:
    """A real ERP was called `rfc` as long as there was no other way to one."""
    return "sap" if value == "rfc" else value


class ErpSettings(Section):
    """Which ERP the orders go to, and how."""

    driver: Annotated[Literal["simulator", "sap"], BeforeValidator(_driver_of_before)] = "simulator"
    """
    `simulator` needs no SAP system, `sap` is a real one. What goes over RFC needs the extra
    `sd-connector[rfc]` there.
    """
    profile: Name = "ecc"
    """
    Kind of system, which says what goes over which transport: `ecc`, `s4`, `s4-mixed` of
    `config/systems/`, or a file of your own in the folder `systems` beside this file.
    """
    routes: RouteTable = Field(default_factory=dict)
    """
    Operations that go another way than the profile says: `{payment: rfc}`; `none` is not at all.
    """
    simulator: SimulatorSettings = SimulatorSettings()
    rfc: RfcSettings | None = None
    odata: ODataSettings = ODataSettings()
    soap: SoapSettings = SoapSettings()
    timeout_s: Seconds = 60
    """Longest wait for an answer."""
    transport: dict[str, Any] = Field(default_factory=dict)
    """How the RFC transport works on this ERP, by name: sessions, release, clearing ..."""

    _system: SystemProfile = PrivateAttr()

    @property
    def system(self) -> SystemProfile:
        """The system profile."""
        return self._system

    @property
    def chosen_routes(self) -> Routes:
        """Which transport each operation goes over; what is not done is left out."""
        return self._system.with_routes(self.routes)

    def uses(self, *transports: Transport) -> bool:
        """Whether anything goes over one of *transports*."""
        return any(each in transports for each in self.chosen_routes.values())

    @field_validator("profile")
    @classmethod
    def _profile_exists(cls, name: str, info: ValidationInfo) -> str:
        system_profile(name, _folder(info))
        return name

    @model_validator(mode="after")
    def _is_set_up(self, info: ValidationInfo) -> Self:
        self._system = system_profile(self.profile, _folder(info))
        if self.driver == "sap":
            self._require_logons()
        elif (
            self.simulator.address
            and not self.simulator.http_address
            and self.uses(Transport.ODATA, Transport.SOAP)
        ):
            raise ValueError(
                f"profile {self.profile} goes over OData or SOAP: add simulator.http_address, "
                "which `simulator serve` prints as http"
            )
        return self

    def _require_logons(self) -> None:
        """Raise ValueError for a transport that is used and cannot be logged on to."""
        if self.uses(Transport.RFC):
            if self.rfc is None:
                operation = self._first(Transport.RFC)
                raise ValueError(f"{operation} goes over rfc, but the section erp.rfc is missing")
            if self.rfc.secret() is None:
                raise ValueError(
                    "there is no password for RFC: set the environment variable "
                    "SD_CONNECTOR__ERP__RFC__PASSWORD, or password_file in the section erp.rfc"
                )
        if self.uses(Transport.ODATA):
            self.odata.require_logon("erp.odata", self._first(Transport.ODATA))
        if self.uses(Transport.SOAP):
            reached = self.soap.reached_like(self.odata)
            reached.require_logon("erp.soap", self._first(Transport.SOAP))
        self._require_one_client()

    def _require_one_client(self) -> None:
        clients = {
            name: client
            for name, client in (
                ("rfc", self.rfc.client if self.rfc and self.uses(Transport.RFC) else ""),
                ("odata", self.odata.client if self.uses(Transport.ODATA) else ""),
                ("soap", self.soap.client if self.uses(Transport.SOAP) else ""),
            )
            if client
        }
        if len(set(clients.values())) > 1:
            named = ", ".join(f"erp.{name}.client is {each}" for name, each in clients.items())
            raise ValueError(f"the transports go to different clients: {named}")

    def _first(self, transport: Transport) -> str:
        """Return the first operation that goes over *transport*, as an example."""
        routes = self.chosen_routes
        return next(each.value for each in ErpOperation if routes.get(each) is transport)


def _folder(info: ValidationInfo) -> Path:
    found: Path = (info.context or {}).get(FOLDER, Path())
    return found
