"""The vocabularies of this feature: class types, kinds of incident, characters of roster numbers. Pure."""

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
def roster_characters() -> frozenset[str]:
    """Chinese characters that a child's label may hold beside one of a name."""
    return frozenset(_data()["roster_characters"])
