"""What is vendored is what the README says, licence included."""

import hashlib
import re
from pathlib import Path

VENDOR = Path(__file__).parents[2] / "static" / "vendor"


def test_files_match_the_recorded_digests():
    recorded = dict(re.findall(r"^([0-9a-f]{64})  (\S+)$", (VENDOR / "README.md").read_text(), re.MULTILINE))
    present = {
        hashlib.sha256(path.read_bytes()).hexdigest(): str(path.relative_to(VENDOR))
        for path in VENDOR.glob("*/*")
        if path.suffix in (".js", ".css")
    }
    assert present == recorded


def test_each_library_has_its_licence():
    for folder in (path for path in VENDOR.iterdir() if path.is_dir()):
        assert "ermission" in (folder / "LICENSE").read_text() or "Redistribution" in (folder / "LICENSE").read_text()
