"""
Draw what a command prints on a terminal as an SVG file.

    python tools/terminal_picture.py FILE COMMAND [ARGUMENT ...]

The command runs on a pseudo-terminal of its own, so that it prints what a person would see. No font
is fetched by the picture: it names monospaced ones and takes what the reader has.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS, LINES = 118, 200
FONT_FACE = re.compile(r"\s*@font-face \{.*?\}", re.DOTALL)
THEME = TerminalTheme(
    (250, 250, 247),
    (40, 44, 52),
    [
        (40, 44, 52),
        (190, 30, 45),
        (30, 120, 60),
        (150, 100, 10),
        (30, 80, 170),
        (130, 40, 130),
        (10, 120, 130),
        (110, 110, 110),
    ],
)


def output_of(command: list[str]) -> str:
    """Run *command* on a terminal and return what it printed, with its colours."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": str(COLUMNS)}
    process = subprocess.Popen(
        command, stdout=follower, stderr=subprocess.DEVNULL, env=environment, close_fds=True
    )
    os.close(follower)
    chunks = []
    while True:
        try:
            chunk = os.read(leader, 65536)
        except OSError:
            break
        if not chunk:
            break
        chunks.append(chunk)
    os.close(leader)
    if process.wait() != 0:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return b"".join(chunks).decode("utf-8").replace("\r\n", "\n")


def draw(text: str, title: str) -> str:
    """Return *text* as SVG."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(Text(f"$ {title}", style="bold"))
        console.print(Text.from_ansi(text))
        svg = console.export_svg(title=title, theme=THEME)
    # What the picture was made with is no address that a reader has to know.
    svg = svg.replace(" https://www.textualize.io", "")
    return FONT_FACE.sub("", svg).replace("Fira Code, monospace", "Menlo, Consolas, monospace")


def main() -> None:
    """Draw the command given on the command line."""
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    target, command = Path(sys.argv[1]), sys.argv[2:]
    name = " ".join([Path(command[0]).name, *command[1:2]])
    target.write_text(draw(output_of(command), name), encoding="utf-8")


if __name__ == "__main__":
    main()
