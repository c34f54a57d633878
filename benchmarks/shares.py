"""A profile of Python as Markdown: which subsystem and which function the time goes to."""

import cProfile
import pstats
import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOP = 12
PLACES = {
    "waiting for PostgreSQL": r"psycopg/connection\.py wait|method 'poll'|epoll|wait_c|waiting\.|generators\.",
    "psycopg": r"psycopg|pgconn", "SQLAlchemy": r"sqlalchemy|sqlite3", "limits": r"limits/|flask_limiter",
    "Flask, Werkzeug": r"/flask|werkzeug|itsdangerous", "Jinja": r"jinja2|markupsafe", "orjson": r"orjson",
    "numpy, scipy, pyproj": r"numpy|scipy|pyproj|ufunc", "hashes": r"hashlib|hmac|_hashlib",
    "imports": r"importlib|<frozen|marshal|posix\.(stat|open|listdir)", "ours": rf"{ROOT}/(app|benchmarks|deploy)/",
}  # fmt: skip
"""Subsystems by a pattern of file and function; the first that fits."""


def told(profile: cProfile.Profile, times: int, unit: str) -> str:
    """A profile of so many answers, or other units, as Markdown: subsystems and functions by their own time."""
    profile.create_stats()
    own = {name: float(row[2]) for name, row in pstats.Stats(profile).stats.items()}  # type: ignore[attr-defined]
    total, places = sum(own.values()) or 1.0, Counter[str]()
    for name, seconds in own.items():
        places[_place(name)] += seconds  # type: ignore[assignment]
    by_place = ", ".join(
        f"{place} {seconds / total:.0%}" for place, seconds in places.most_common() if seconds > total / 200
    )
    lines = [f"{1000 * total / times:,.3f} ms for each {unit} under the profiler: {by_place}.", "", "```"]
    for name, seconds in sorted(own.items(), key=lambda one: -one[1])[:TOP]:
        lines.append(f"{seconds / total:6.1%}  {1000 * seconds / times:10,.4f} ms  {_name(name)}")
    return "\n".join([*lines, "```", ""])


def _place(name: tuple[str, int, str]) -> str:
    words = f"{name[0]} {name[2]}"
    return next((place for place, pattern in PLACES.items() if re.search(pattern, words)), "the rest of Python")


def _name(name: tuple[str, int, str]) -> str:
    file = re.sub(r".*/site-packages/|.*/lib/python[\d.]+/", "", name[0].replace(f"{ROOT}/", ""))
    return name[2] if file == "~" else f"{file}:{name[1]} {name[2]}"
