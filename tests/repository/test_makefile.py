"""The Makefile: what a person types first has to work on a machine that has nothing yet."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

TARGET = re.compile(r"^([a-z-]+):.*?(?: ## (.+))?$", re.MULTILINE)


@pytest.fixture
def fresh(root: Path, tmp_path: Path) -> Path:
    """A copy of what make reads, as on a machine where nothing was set up."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements.lock"):
        shutil.copy2(root / name, clone / name)
    shutil.copytree(root / "tools", clone / "tools")
    shutil.copytree(root / ".ci", clone / ".ci")
    return clone


def _run(
    *command: str, cwd: Path, path: str | None = None, **more: str
) -> subprocess.CompletedProcess[str]:
    without = {"SD_CONNECTOR_SAMPLES", "MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    environment = {name: value for name, value in os.environ.items() if name not in without}
    if path is not None:
        environment["PATH"] = path
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment | more,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def _dry(target: str, cwd: Path, *variables: str) -> str:
    done = _run("make", "-n", target, *variables, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _executable(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o755)
    return path


def _targets(root: Path) -> dict[str, str]:
    return dict(TARGET.findall((root / "Makefile").read_text("utf-8")))


def test_make_alone_lists_every_target_with_what_it_does(root: Path, fresh: Path) -> None:
    listed = _run("make", cwd=fresh).stdout
    for target, about in _targets(root).items():
        assert about, f"{target} does not say what it does"
        assert re.search(rf"^  make {target} +{re.escape(about)}$", listed, re.MULTILINE)


def test_every_target_is_in_the_reference(root: Path) -> None:
    reference = (root / "docs/reference/repository.md").read_text("utf-8")
    missing = [name for name in _targets(root) if not re.search(rf"`make {name}[ `]", reference)]
    assert missing == []


def test_no_target_can_be_shadowed_by_a_file(root: Path) -> None:
    text = (root / "Makefile").read_text("utf-8").replace("\\\n", " ")
    phony = set(re.findall(r"^\.PHONY: (.+)$", text, re.MULTILINE)[0].split())
    assert phony == set(_targets(root))


def test_every_target_sets_up_what_it_needs(root: Path, fresh: Path) -> None:
    for target in set(_targets(root)) - {"help", "setup", "clean"}:
        planned = _dry(target, fresh, "HISTORY=history")
        assert planned.index("-m venv") < planned.index("--require-hashes"), target
        assert "--no-build-isolation --no-index --no-deps -e ." in planned, target


def test_nothing_is_installed_twice(fresh: Path) -> None:
    """What is there and newer than what it is made from stays."""
    _executable(fresh / ".venv/bin/python", "#!/bin/sh\nexit 0\n")
    (fresh / ".venv/.locked").write_text(f"{fresh}\n", "utf-8")
    (fresh / ".venv/.installed").touch()
    assert "pip" not in _dry("setup", fresh)


@pytest.mark.parametrize(
    ("changed", "again"), [("pyproject.toml", False), ("requirements.lock", True)]
)
def test_a_change_is_installed(changed: str, again: bool, fresh: Path) -> None:
    """Of the project, the project alone; of the lock, everything in an empty environment."""
    _executable(fresh / ".venv/bin/python", "#!/bin/sh\nexit 0\n")
    (fresh / ".venv/.locked").write_text(f"{fresh}\n", "utf-8")
    (fresh / ".venv/.installed").touch()
    later = (fresh / ".venv/.installed").stat().st_mtime + 10
    os.utime(fresh / changed, (later, later))

    planned = _dry("setup", fresh)

    assert "--no-deps -e ." in planned
    assert ("-m venv --clear" in planned) is again


@pytest.mark.parametrize(
    ("folder", "python"),
    [("/somewhere/else", "#!/bin/sh\nexit 0\n"), (None, "#!/no/such/interpreter\n")],
)
def test_a_moved_or_broken_environment_is_made_anew(
    folder: str | None, python: str, fresh: Path
) -> None:
    _executable(fresh / ".venv/bin/python", python)
    (fresh / ".venv/.locked").write_text(f"{folder or fresh}\n", "utf-8")
    (fresh / ".venv/.installed").touch()
    assert "-m venv --clear" in _dry("setup", fresh)


def test_make_test_checks_everything(fresh: Path) -> None:
    planned = _dry("test", fresh)
    steps = [f".venv/bin/{step}" for step in ("ruff check .", "ruff format --check .", "mypy")]
    steps += [".venv/bin/lint-imports", ".venv/bin/pytest"]
    assert [planned.index(step) for step in steps] == sorted(planned.index(step) for step in steps)
    assert "pytest" in planned.splitlines()[-1]


def test_a_history_has_to_be_named(fresh: Path) -> None:
    _executable(fresh / ".venv/bin/python", "#!/bin/sh\nexit 0\n")
    (fresh / ".venv/.locked").write_text(f"{fresh}\n", "utf-8")
    (fresh / ".venv/.installed").touch()

    done = _run("make", "globalbike", "YEAR=2021", cwd=fresh)

    assert done.returncode != 0
    assert "make globalbike HISTORY=DIR YEAR=2021" in done.stderr
    assert "orders_YEAR.tsv" in done.stderr


def test_a_history_with_a_blank_in_its_name_is_one_folder(fresh: Path) -> None:
    planned = _dry("globalbike", fresh, "HISTORY=my history", "YEAR=2021")
    assert 'sd-connector history --history "my history" --year "2021"' in planned


def _only(tmp_path: Path, **pythons: str) -> str:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in pythons.items():
        _executable(folder / name.replace("_", "."), text)
    return str(folder)


OLD = '#!/bin/sh\ncase "$2" in *version_info*) exit 1;; esac\n'
GOOD = "#!/bin/sh\nexit 0\n"
WITHOUT_VENV = '#!/bin/sh\ncase "$2" in *ensurepip*) exit 1;; esac\n'


def test_the_first_python_that_will_do_is_taken(root: Path, tmp_path: Path) -> None:
    path = _only(tmp_path, python3_13=OLD, python3_12=WITHOUT_VENV, python3_11=GOOD, python3=GOOD)
    done = _run("/bin/sh", str(root / "tools/find-python"), cwd=tmp_path, path=path)
    assert (done.returncode, Path(done.stdout.strip()).name) == (0, "python3.11")


@pytest.mark.parametrize(
    ("pythons", "says"),
    [
        ({}, "No Python 3.11 or newer found"),
        ({"python3": OLD}, "No Python 3.11 or newer found"),
        ({"python3": WITHOUT_VENV}, "apt-get install python3-venv"),
    ],
)
def test_without_a_python_it_says_what_to_do(
    pythons: dict[str, str], says: str, root: Path, tmp_path: Path
) -> None:
    path = _only(tmp_path, **pythons)
    done = _run("/bin/sh", str(root / "tools/find-python"), cwd=tmp_path, path=path)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr


def test_a_python_that_was_named_is_not_replaced_by_another(root: Path, tmp_path: Path) -> None:
    path = _only(tmp_path, python3=GOOD, mine=OLD)
    done = _run("/bin/sh", str(root / "tools/find-python"), "mine", cwd=tmp_path, path=path)
    assert done.returncode == 1
    assert "PYTHON=mine is not a Python 3.11 or newer" in done.stderr


def _with_recording_make(fresh: Path) -> str:
    fake = fresh.parent / "fake"
    _executable(
        fake / "make",
        '#!/bin/sh\necho "make $* in $PWD samples=$SD_CONNECTOR_SAMPLES"\nexit "${RESULT:-0}"\n',
    )
    return f"{fake}:{os.environ['PATH']}"


def test_ci_runs_make_test_and_nothing_else(fresh: Path) -> None:
    done = _run("bash", ".ci/run", cwd=fresh, path=_with_recording_make(fresh))
    assert done.stdout == f"make test in {fresh} samples=\n"
    assert done.returncode == 0


def test_ci_tells_the_tests_about_samples_that_lie_beside_it(fresh: Path) -> None:
    samples = fresh.parent / "shared/samples"
    samples.mkdir(parents=True)
    done = _run("bash", str(fresh / ".ci/run"), cwd=fresh.parent, path=_with_recording_make(fresh))
    assert done.stdout == f"make test in {fresh} samples={samples}\n"


def test_ci_fails_when_a_test_fails(fresh: Path) -> None:
    done = _run("bash", ".ci/run", cwd=fresh, path=_with_recording_make(fresh), RESULT="2")
    assert done.returncode == 2


def test_the_hooks_before_a_commit_are_those_of_make_lint(root: Path) -> None:
    hooks = re.findall(
        r"entry: \.venv/bin/(\S+)", (root / ".pre-commit-config.yaml").read_text("utf-8")
    )
    makefile = (root / "Makefile").read_text("utf-8")
    lint = makefile.split("\nlint:")[1].split("\n\n")[0]
    assert hooks == re.findall(r"\$\(BIN\)/(\S+)", lint)
