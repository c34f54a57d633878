"""What the tools say on a terminal: lines, a progress bar, and how they give up."""

import sys
from typing import NoReturn

WIDTH = 30


def say(text: str) -> None:
    """One line to the person at the terminal, at once."""
    print(text, flush=True)


def fail(text: str) -> NoReturn:
    """End with a sentence instead of a traceback."""
    sys.stdout.flush()
    print(text, file=sys.stderr, flush=True)
    raise SystemExit(1)


class Bar:
    """A progress bar on a terminal; elsewhere one line at the start, so that logs stay short."""

    def __init__(self, label: str, total: int) -> None:
        self.label, self.total, self.done = label, max(total, 1), 0
        self.shown = -1
        self.is_terminal = sys.stdout.isatty()
        if self.is_terminal:
            self._draw()
        else:
            say(f"{label} ({total})")

    def advance(self, steps: int = 1) -> None:
        """Move on by `steps`, never past the end."""
        self.done = min(self.done + steps, self.total)
        if self.is_terminal:
            self._draw()

    def finish(self) -> None:
        """Fill the bar and leave it standing."""
        self.advance(self.total)
        if self.is_terminal:
            print(flush=True)

    def _draw(self) -> None:
        filled = WIDTH * self.done // self.total
        percent = 100 * self.done // self.total
        if percent != self.shown:
            self.shown = percent
            print(f"\r{self.label} [{'#' * filled}{'.' * (WIDTH - filled)}] {percent:3d} %", end="", flush=True)
