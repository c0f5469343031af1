"""The kinds of values that settings are made of: paths, secrets, addresses, time zones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    ValidationInfo,
)

#: Name under which validation is handed the folder that relative paths start from.
FOLDER = "folder"


class Section(BaseModel):
    """A part of the settings: immutable, unknown keys are refused."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        use_attribute_docstrings=True,
        # Defaults are paths too: they have to pass where relative ones are resolved.
        validate_default=True,
        revalidate_instances="always",
        hide_input_in_errors=True,
    )


def sections_in(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the sections that a field of type *annotation* holds, `dict` and `|` looked into."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from sections_in(argument)


def _resolved(path: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get(FOLDER, Path())
    path = path.expanduser()
    # Without `..` paths are easier to read in messages; links below the folder are kept.
    while folder.is_absolute() and path.parts[:1] == ("..",):
        folder, path = folder.parent, Path(*path.parts[1:])
    return folder / path


def _existing_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"there is no file {path}")
    return path


def _existing_folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"there is no folder {path}")
    return path


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no IANA time zone, such as Europe/Berlin") from error
    return name


def _resolved_url(url: str, info: ValidationInfo) -> str:
    scheme, separator, path = url.partition(":///")
    if scheme != "sqlite" or not path or path.startswith("/"):
        return url
    return f"{scheme}{separator}{_resolved(Path(path), info)}"


#: Address of a database; the relative path of a SQLite file starts from the settings file's folder.
StoreUrl = Annotated[str, AfterValidator(_resolved_url)]
#: A path; a relative one starts from the folder of the settings file.
LocalPath = Annotated[Path, AfterValidator(_resolved)]
ExistingFile = Annotated[LocalPath, AfterValidator(_existing_file)]
ExistingFolder = Annotated[LocalPath, AfterValidator(_existing_folder)]
#: Name of something that people may add: a channel, a plan, a system profile.
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
TimeZone = Annotated[str, AfterValidator(_known_time_zone)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Port = Annotated[int, Field(ge=1, le=65_535)]


def secret_of(
    value: SecretStr | None, file: Path | None, name: str = "password"
) -> SecretStr | None:
    """
    Return the secret that is given directly or as the first line of *file*, None without either.

    *name* is its key, for messages.

    Raises:
        ValueError: both are given, or the file is empty or not readable.
    """
    if file is None:
        return value
    if value is not None:
        raise ValueError(f"both {name} and {name}_file are given; leave one of them out")
    try:
        first_line = file.read_text("utf-8").partition("\n")[0].rstrip("\r")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{file} cannot be read: {error}") from error
    if not first_line:
        raise ValueError(f"{file} is empty; its first line must be the {name.replace('_', ' ')}")
    return SecretStr(first_line)
