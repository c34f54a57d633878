"""A union tree from a CSV file: all of it or nothing."""

import csv
import io
from collections.abc import Mapping

from app.accounts import services
from app.accounts.models import TradeUnion
from app.errors import DomainError, Invalid

COLUMNS = ("code", "name", "level", "parent", "division_code", "rulebook_id")
REQUIRED = ("code", "name", "level")


def import_unions(content: bytes) -> list[TradeUnion]:
    """The new unions of a CSV file in UTF-8 with the columns `COLUMNS`; a parent stands above its children or exists.

    Raises Invalid naming the line, the field and what to do.
    """
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        rows = list(reader)
    except UnicodeDecodeError:
        raise Invalid("The file is not UTF-8; save it as “CSV UTF-8”") from None
    except csv.Error as error:
        raise Invalid("The file is not CSV: %(problem)s", problem=error) from None
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        raise Invalid("The first line lacks the columns %(names)s", names=", ".join(missing))
    return [_import_row(line, row) for line, row in enumerate(rows, start=2)]


def _import_row(line: int, row: Mapping[str, str | None]) -> TradeUnion:
    values = {name: (row.get(name) or "").strip() for name in COLUMNS}
    parent = values.pop("parent")
    try:
        above = services.find_union(parent) if parent else None
        return services.create_union(
            values["code"], values["name"], values["level"], above,
            division_code=values["division_code"], rulebook_id=values["rulebook_id"],
        )  # fmt: skip
    except DomainError as error:
        raise Invalid("Line %(line)s: %(problem)s", line=line, problem=error) from error
