"""What fails here are real processes, disks and servers of the test's own."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the account of PostgreSQL can reach, too."""
    with tempfile.TemporaryDirectory(prefix="xiaowu-faults-") as made:
        path = Path(made)
        path.chmod(0o755)
        yield path


@pytest.fixture
def stack(folder: Path) -> Iterator[ExitStack]:  # noqa: ARG001  the folder is deleted after what is in it has ended
    """Ends what the test has begun, in reverse order."""
    with ExitStack() as begun:
        yield begun
