"""Where the published lists lie on machines that have them. Tests on them live in files named ``test_*_shared.py``."""

from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
"""The folder beside the project; a user's clone has none, and then those files are not collected."""
ROOMS = SHARED / "data" / "rooms"
GEO = SHARED / "data" / "geo"
SCALE = SHARED / "data" / "scale"
