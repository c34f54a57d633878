"""What a child is called here: initials or a number of the site's own roster, never a name. Pure."""

import re
import unicodedata
from dataclasses import dataclass

from app.care.words import roster_word
from app.errors import N_, Invalid

LONGEST_LABEL = 12
MOST_LETTERS = 4
MOST_DIGITS = 6
GRADES = range(1, 7)
_HAN = re.compile(r"[\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_ALLOWED = re.compile(r"[^\W_][\w .·#-]*")
_BETWEEN = re.compile(r"[\s,;\uff0c\uff1b\u3001]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One child as entered."""

    label: str
    grade: int


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with one pasted line; `number` counts from 1. `message` is a message id."""

    number: int
    text: str
    message: str


class RefusedLines(Invalid):
    """Pasted lines that cannot be taken. None of them is stored; `faults` names each."""

    def __init__(self, faults: list[LineFault]) -> None:
        message = N_("Nothing was stored yet: please correct the lines named below")
        super().__init__(message, {"lines": message})
        self.faults = tuple(faults)


def read_label(text: str) -> str:
    """The label as stored: capitals, half width, single blanks. Raises `Invalid` naming ``label``.

    Initials (four letters at most), a roster number (six digits at most), one Chinese character beside words of
    classes and numbers. Anything that may be a name, a telephone number or an identity number is refused.
    """
    label = " ".join(unicodedata.normalize("NFKC", text).upper().split())
    letters = sum(character.isalpha() and not _HAN.match(character) for character in label)
    digits = sum(character.isdecimal() for character in label)
    of_a_name = _HAN.findall(roster_word().sub("", label))
    if not label:
        raise _wrong(N_("Initials or a roster number are missing"))
    if len(of_a_name) > 1 or letters > MOST_LETTERS:
        raise _wrong(N_("This may be a child's name; write initials such as ZXM or a roster number such as 07"))
    if digits > MOST_DIGITS:
        raise _wrong(N_("This is longer than a roster number; never enter telephone or identity numbers"))
    if len(label) > LONGEST_LABEL:
        raise _wrong(N_("Initials or a roster number have 12 characters at most"))
    if not _ALLOWED.fullmatch(label):
        raise _wrong(N_("Only letters, digits, blanks and - . · # are allowed, a letter or digit first"))
    return label


def read_lines(text: str) -> list[Entry]:
    """Children from pasted lines ``ZXM 3``: label, then grade; empty lines are skipped.

    Raises `RefusedLines` naming each line that cannot be taken, repeated labels included.
    """
    entries: list[Entry] = []
    faults: list[LineFault] = []
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = _read_line(line, seen)
        except Invalid as error:
            faults.append(LineFault(number, line.strip()[:40], error.message))
        else:
            entries.append(entry)
            seen.add(entry.label)
    if faults:
        raise RefusedLines(faults)
    if not entries:
        message = N_("Please enter at least one child, a line for each")
        raise Invalid(message, {"lines": message})
    return entries


def _read_line(line: str, seen: set[str]) -> Entry:
    words = [word for word in _BETWEEN.split(unicodedata.normalize("NFKC", line)) if word]
    grade = words.pop() if len(words) > 1 else ""
    label = read_label(" ".join(words))
    if grade not in {str(number) for number in GRADES}:
        raise _wrong(N_("After the initials comes the grade, 1 to 6, such as “ZXM 3”"))
    if label in seen:
        raise _wrong(N_("This label stands here twice; add a number to one of them"))
    return Entry(label, int(grade))


def _wrong(message: str) -> Invalid:
    return Invalid(message, {"label": message})
