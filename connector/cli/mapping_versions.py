"""Versions of a mapping that a command is given: a folder, a rules file, or a revision of git."""

from __future__ import annotations

import subprocess
import tarfile
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import typer

if TYPE_CHECKING:
    from connector.mappings.paired_outcomes import MappingVersion

#: What a version of git begins with: ``git:REVISION`` or ``git:REVISION:FOLDER``.
_GIT: Final = "git:"
_PROFILES: Final = "channels"
_RULES: Final = "mappings"


class Versions:
    """
    Finds versions of the mapping of one channel; use it in ``with``.

    *folder* is that of the settings, whose version in git is meant where none is named; *profile*
    is the profile of the settings, for rules that have none beside them.
    """

    def __init__(self, channel: str, folder: Path, profile: Path | None) -> None:
        self._channel, self._folder, self._profile = channel, folder, profile
        self._open = ExitStack()

    def __enter__(self) -> Versions:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def find(self, text: str, hint: str) -> MappingVersion:
        """
        Return the version that *text* names; *hint* is the name of the argument.

        Raises:
            typer.BadParameter: there is no such folder, file or revision, or nothing of the
                channel in it.
            ConfigurationError: profile or rules are wrong.
        """
        from connector.mappings.paired_outcomes import MappingVersion
        from connector.mappings.profile import load_profile
        from connector.mappings.rules import load_rules

        path = self._checked_out(text, hint) if text.startswith(_GIT) else Path(text)
        if path.is_dir():
            profile, rules = self._in_folder(path, text, hint)
        elif path.is_file():
            profile, rules = self._profile_for(path, hint), path
        else:
            raise typer.BadParameter(f"there is no file or folder {text}", param_hint=hint)
        version = MappingVersion(load_profile(profile), load_rules(rules))
        for file, meant_for in (
            (profile, version.profile.channel),
            (rules, version.rules.channel),
        ):
            if meant_for != self._channel:
                raise typer.BadParameter(
                    f"{file} is for the channel {meant_for}, not {self._channel}; say --channel",
                    param_hint=hint,
                )
        return version

    def _in_folder(self, folder: Path, text: str, hint: str) -> tuple[Path, Path]:
        rules = folder / _RULES / f"{self._channel}.yaml"
        if not rules.is_file():
            rules = folder / f"{self._channel}.yaml"
        if not rules.is_file():
            raise typer.BadParameter(
                f"{text} has no {_RULES}/{self._channel}.yaml: name a folder with {_PROFILES}/ and "
                f"{_RULES}/, or a rules file",
                param_hint=hint,
            )
        return self._profile_for(rules, hint), rules

    def _profile_for(self, rules: Path, hint: str) -> Path:
        """Return the profile that lies beside *rules*, else that of the settings."""
        beside = rules.resolve().parent.parent / _PROFILES / f"{self._channel}.yaml"
        if beside.is_file():
            return beside
        if self._profile is None:
            raise typer.BadParameter(
                f"there is no profile beside {rules} ({_PROFILES}/{self._channel}.yaml), and the "
                f"settings have no channel {self._channel}",
                param_hint=hint,
            )
        return self._profile

    def _checked_out(self, text: str, hint: str) -> Path:
        """Return a folder with what git has of the revision; it goes when all is done."""
        revision, _, named = text.removeprefix(_GIT).partition(":")
        folder = Path(named).resolve() if named else self._folder.resolve()
        if revision.startswith("-"):
            raise typer.BadParameter(f"{revision} is no revision", param_hint=hint)
        top = Path(_git(folder, hint, "rev-parse", "--show-toplevel").decode().strip())
        inside = folder.relative_to(top.resolve()).as_posix()
        kept = Path(self._open.enter_context(TemporaryDirectory(prefix="sd-connector-")))
        archive = kept / "revision.tar"
        tree = revision if inside == "." else f"{revision}:{inside}"
        archive.write_bytes(_git(top, hint, "archive", "--format=tar", tree))
        with tarfile.open(archive) as packed:
            packed.extractall(kept / "revision", filter="data")
        return kept / "revision"


def _git(folder: Path, hint: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603
            ["git", "-C", str(folder), *arguments],  # noqa: S607
            capture_output=True,
            check=False,
        )
    except FileNotFoundError:
        raise typer.BadParameter(
            "git is not installed: name a folder or a rules file", param_hint=hint
        ) from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        raise typer.BadParameter(f"git says: {said}", param_hint=hint)
    return done.stdout
