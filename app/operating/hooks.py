"""Where features say how they are: features to the left register here, this one asks them without knowing them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Flask

Check = Callable[[datetime], object]
"""Raises when the part is not ready. It may take a second, and changes nothing that a request would not change."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that is looked up when the metrics are asked for: None when there is none yet.

    `look` gives one number, or one for each value of `label`. Never one that tells of a site or a person.
    """

    name: str
    says: str
    look: Callable[[datetime], float | Mapping[str, float] | None]
    label: str = ""


def add_check(app: Flask, part: str, check: Check) -> None:
    """Have `check` asked before the service calls itself ready."""
    app.extensions.setdefault("readiness", {})[part] = check


def add_gauges(app: Flask, *gauges: Gauge) -> None:
    """Have these numbers among the metrics."""
    app.extensions.setdefault("gauges", []).extend(gauges)
