"""The vocabularies of this feature: class types, kinds of incident, words of roster numbers. Pure."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from app.sites.particulars import Term

DATA = Path(__file__).parent / "data" / "words.toml"


@cache
def _data() -> Mapping[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def _terms(name: str) -> Mapping[str, Term]:
    return {row["code"]: Term(row["code"], row["zh"], row["en"]) for row in _data()[name]}


@cache
def class_types() -> Mapping[str, Term]:
    """Kinds of nursery class by code, in the order in which people see them (qingdao-2023 art. 5)."""
    return _terms("class_type")


@cache
def incident_kinds() -> Mapping[str, Term]:
    """Kinds of incident by code, in the order in which people see them (qingdao-2023 art. 16, 22)."""
    return _terms("incident_kind")


@cache
def roster_word() -> re.Pattern[str]:
    """Chinese words of classes and numbers, which a child's label may hold beside one character of a name."""
    return re.compile(_data()["roster_word"])
