"""How a file that is downloaded is called: what it is, in the words of its readers."""

import unicodedata
from urllib.parse import quote

from flask import Response

LONGEST = 200
"""Bytes of UTF-8 without the ending; file systems take 255."""
_REFUSED = '\\/:*?"<>|'


def file_name(*parts: object, ending: str) -> str:
    """The parts that are not empty, joined by hyphens, on one line, without signs that a file system refuses."""
    lines = (" ".join("".join(map(_kept, str(part))).split()) for part in parts)
    name = "-".join(line for line in lines if line).encode()[:LONGEST].decode(errors="ignore").strip(" .")
    return f"{name or 'file'}.{ending}"


def _kept(sign: str) -> str:
    """Control and direction signs go, as they could make one ending look like another."""
    if sign.isspace():
        return " "
    return "" if sign in _REFUSED or unicodedata.category(sign)[0] == "C" else sign


def attached(answer: Response, name: str, plain: str) -> Response:
    """Let `answer` be saved as `name`, or by what knows ASCII only as `plain` with the same ending."""
    ending = name.rpartition(".")[2]
    answer.headers["Content-Disposition"] = (
        f"attachment; filename={plain}.{ending}; filename*=UTF-8''{quote(name, safe='')}"
    )
    return answer
