"""Several machines, played by processes on this one."""

from tests.reliability.conftest import folder, stack

__all__ = ["folder", "stack"]
