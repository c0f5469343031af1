"""`sd-connector simulator`: serve the simulated ERP, move its time, empty it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from connector.cli import simulator_faults
from connector.cli.invocation import JsonOption, invocation_of
from connector.cli.output import print_json, say

if TYPE_CHECKING:
    from connector.bootstrap.simulator_handle import SimulatorHandle
    from connector.settings import Settings

#: How often a served ERP looks for updates and jobs that fell due, in seconds.
_TICK_S = 0.5

#: Tables of `erp.simulator` that an option may belong to.
_GROUPS = ("engine", "face", "http", "odata", "entities", "soap")

StateOption = Annotated[
    Path | None, typer.Option("--state", help="State file of the simulated ERP.")
]
AddressOption = Annotated[
    str, typer.Option("--address", help="HOST:PORT of a running `simulator serve`.")
]


def add_to(app: typer.Typer) -> None:
    """Add the group to *app*."""
    group = typer.Typer(
        name="simulator",
        help="Serve the simulated ERP to other programs, move its time, let things go wrong in it.",
        no_args_is_help=True,
        epilog="Example: sd-connector simulator serve --rfc-port 3300 --http-port 8000",
    )
    group.command(
        "serve",
        epilog="Example: sd-connector simulator serve --rfc-port 3300 --http-port 8000 "
        "--state var/erp.sqlite3",
    )(serve)
    group.command("tick", epilog="Example: sd-connector simulator tick --days 3")(tick)
    group.command("reset", epilog="Example: sd-connector simulator reset --yes")(reset)
    simulator_faults.add_to(group)
    app.add_typer(group)


def serve(
    *,
    rfc_port: Annotated[
        int, typer.Option("--rfc-port", min=0, max=65_535, help="Port of RFC; 0 takes a free one.")
    ] = 0,
    http_port: Annotated[
        int,
        typer.Option(
            "--http-port", min=0, max=65_535, help="Port of OData and SOAP; 0 takes a free one."
        ),
    ] = 0,
    host: Annotated[
        str, typer.Option(help="Address to listen on; RFC is not encrypted, HTTP as options say.")
    ] = "127.0.0.1",
    state: StateOption = None,
    master_data: Annotated[
        list[Path] | None,
        typer.Option("--master-data", help="Folder with master data; may be given repeatedly."),
    ] = None,
    latency_ms: Annotated[
        int, typer.Option("--latency-ms", min=0, help="Time that each call takes.")
    ] = 0,
    user: Annotated[str, typer.Option(help="Let only this user in.")] = "",
    password: Annotated[
        str,
        typer.Option(
            envvar="SD_CONNECTOR_SIMULATOR_PASSWORD",
            show_envvar=True,
            help="Password of that user; better given in the environment.",
        ),
    ] = "",
    log_calls: Annotated[
        Path | None,
        typer.Option("--log-calls", help="File that gets a line of JSON per call; - is stderr."),
    ] = None,
    options: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="NAME=VALUE",
            help="Behaviour, such as engine.update_delay=2 or odata.page_size=50 (the value as in "
            "YAML); the groups are those of erp.simulator in the settings; repeatable.",
        ),
    ] = None,
) -> None:
    """
    Serve the simulated ERP over RFC, OData and SOAP until SIGTERM or Ctrl-C.

    Prints one line of JSON with its addresses when it can be called. Its background jobs run on
    the machine's clock, set forward by `simulator tick`. For HTTP over TLS give
    `--option http.tls_certificate=FILE` and `http.tls_key`.
    """
    from pydantic import SecretStr

    from connector.bootstrap import simulator as simulators
    from connector.bootstrap.simulated_http import serve_http

    if bool(user) != bool(password):
        raise typer.BadParameter("user and password belong together: give both, or none")
    settings = _settings_for_serving(state, master_data or [], options or [])
    stop = threading.Event()
    with contextlib.ExitStack() as cleanup:
        for number in (signal.SIGTERM, signal.SIGINT):
            cleanup.callback(signal.signal, number, signal.signal(number, lambda *_: stop.set()))
        simulated = simulators.local_simulator(
            settings,
            users={user: SecretStr(password)} if user else {},
            latency_s=latency_ms / 1000,
            call_log=cleanup.enter_context(_call_log(log_calls)),
        )
        cleanup.callback(simulated.close)
        rfc = simulators.serve(simulated, host, rfc_port)
        cleanup.callback(rfc.close)
        http = serve_http(simulated.front, host, http_port)
        cleanup.callback(http.close)
        listening, port = rfc.address
        addresses = {"rfc": f"{listening}:{port}", "http": http.url}
        print_json({"ready": True, **addresses, "state": state or "", "process": os.getpid()})
        sys.stdout.flush()
        while not stop.wait(_TICK_S):
            simulated.tick()


def tick(
    context: typer.Context,
    *,
    days: Annotated[
        int, typer.Option(min=0, max=3_660, help="Days to move on; 0 stays on this day.")
    ] = 0,
    state: StateOption = None,
    address: AddressOption = "",
    as_json: JsonOption = False,
) -> None:
    """
    Move the simulated ERP's clock and run its background jobs, day by day.

    Without --state and --address it is the simulated ERP of the settings.
    """
    with _chosen(context, state, address) as simulated:
        made = simulated.run_jobs()
        for _ in range(days):
            simulated.advance(timedelta(days=1))
            made += simulated.run_jobs()
        counts = dict(simulated.document_counts())
    if as_json:
        print_json({"days": days, "made": made, "documents": counts})
    else:
        have = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        say(f"{days} days on; the background jobs made {made} documents. There are {have}.")


def reset(
    context: typer.Context,
    *,
    state: StateOption = None,
    address: AddressOption = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """
    Forget all documents of the simulated ERP; its master data stays.

    The connector's own records still name the documents: give it a new store as well.
    """
    with _chosen(context, state, address) as simulated:
        count = sum(simulated.document_counts().values())
        if not yes:
            typer.confirm(f"Forget {count} documents?", abort=True)
        simulated.reset()
    say(f"Forgot {count} documents.")


@contextlib.contextmanager
def _chosen(context: typer.Context, state: Path | None, address: str) -> Iterator[SimulatorHandle]:
    from connector.bootstrap.simulator import simulator_of

    if state is not None and address:
        raise typer.BadParameter("--state and --address name two simulated ERPs; give one")
    if address:
        settings = _settings({"address": address})
    elif state is not None:
        settings = _settings({"state": str(state.absolute())})
    else:
        settings = invocation_of(context).settings()
    simulated = simulator_of(settings)
    try:
        yield simulated
    finally:
        simulated.close()


def _settings_for_serving(
    state: Path | None, master_data: list[Path], options: list[str]
) -> Settings:
    import yaml

    content: dict[str, Any] = {"master_data": [str(folder.absolute()) for folder in master_data]}
    if state is not None:
        content["state"] = str(state.absolute())
    for option in options:
        name, equals, value = option.partition("=")
        group, dot, key = name.partition(".")
        if not (equals and dot and group in _GROUPS):
            groups = " or ".join(f"{each}.NAME=VALUE" for each in _GROUPS)
            raise typer.BadParameter(f"{option!r} is no option; write {groups}")
        try:
            content.setdefault(group, {})[key] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise typer.BadParameter(f"{option!r}: the value is no YAML") from error
    return _settings(content)


def _settings(simulator: dict[str, Any]) -> Settings:
    from connector.resources import shipped
    from connector.settings import settings_from
    from connector.settings.yaml_file import YamlFile

    content = {"plans": str(shipped("config/plans")), "erp": {"simulator": simulator}}
    return settings_from(YamlFile(Path("command line"), content, {}), environment=False)


@contextlib.contextmanager
def _call_log(path: Path | None) -> Iterator[TextIO | None]:
    if path is None:
        yield None
    elif str(path) == "-":
        yield sys.stderr
    else:
        try:
            file = path.open("a", encoding="utf-8")
        except OSError as error:
            raise typer.BadParameter(f"{path} cannot be written: {error.strerror}") from error
        with file:
            yield file
