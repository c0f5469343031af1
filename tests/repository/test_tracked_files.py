"""What every file of the repository keeps to."""

from __future__ import annotations

import re
from pathlib import Path

#: Folders that exist on somebody's machine only.
MACHINE_PATH = re.compile(r"(?<![\w.~$}-])/(?:root|work|Users|home/\w+|opt/(?:pypi|wheels))\b")
#: Registries by host: whoever installs decides by their own settings where packages come from.
REGISTRY_HOST = re.compile(
    r"(?:pypi|pythonhosted|npmjs|test\.pypi|debian|docker|ghcr)\.(?:org|io)\b"
)
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|NotImplementedError)\b")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")

THIS = Path("tests/repository/test_tracked_files.py")


def _lines(texts: dict[Path, str], pattern: re.Pattern[str], but: set[Path]) -> list[str]:
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in texts.items()
        if path not in but
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_knows_the_machine_it_was_written_on(texts: dict[Path, str]) -> None:
    assert _lines(texts, MACHINE_PATH, {THIS}) == []


def test_the_patterns_find_what_they_look_for() -> None:
    assert MACHINE_PATH.search('root = "/home/anna/connector"')
    assert MACHINE_PATH.search("see /root/x")
    assert not MACHINE_PATH.search("docs/work/plan.md and https://example.test/root")
    assert REGISTRY_HOST.search("--index-url https://pypi.org/simple")
    assert UNFINISHED.search("x = 1  # TODO later")


def test_no_file_names_a_registry_host(texts: dict[Path, str]) -> None:
    assert _lines(texts, REGISTRY_HOST, {THIS}) == []


def test_only_ci_looks_outside_the_repository(texts: dict[Path, str]) -> None:
    outside = re.compile(r"\.\./" + "shared")
    found = {path for path, text in texts.items() if outside.search(text)}
    assert found == {Path(".ci/run")}


def test_nothing_says_of_itself_that_it_is_unfinished(texts: dict[Path, str]) -> None:
    code = {path: text for path, text in texts.items() if path.suffix == ".py"}
    assert _lines(code, UNFINISHED, {THIS}) == []


def test_no_module_outgrows_four_hundred_lines(texts: dict[Path, str]) -> None:
    lengths = {
        str(path): text.count("\n")
        for path, text in texts.items()
        if path.suffix == ".py" and path.parts[0] in {"connector", "benchmarks"}
    }
    assert {path: lines for path, lines in lengths.items() if lines > 400} == {}


def test_own_files_are_utf8_with_unix_line_ends(texts: dict[Path, str]) -> None:
    """Orders under fixtures/ come from outside and may be anything."""
    broken = [
        str(path)
        for path, text in texts.items()
        if path.parts[0] != "fixtures"
        and ("\ufffd" in text or "\r" in text or (text and not text.endswith("\n")))
    ]
    assert broken == []


def test_every_link_between_documents_leads_somewhere(root: Path, texts: dict[Path, str]) -> None:
    dead = [
        f"{path}: {target}"
        for path, text in texts.items()
        if path.suffix == ".md"
        for target in LINK.findall(text)
        if not (root / path.parent / target).exists()
    ]
    assert dead == []


def test_no_database_key_or_environment_file_is_tracked(tracked: tuple[Path, ...]) -> None:
    suffixes = {".sqlite3", ".db", ".pem", ".key", ".pfx", ".p12"}
    found = [path for path in tracked if path.suffix in suffixes or path.name == ".env"]
    assert found == []
