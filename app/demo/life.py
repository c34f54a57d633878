"""The union side of the demonstration: what people have done about the sites, through the services they use."""

from collections.abc import Callable

from app.demo import acts_calls, acts_care, acts_cases, acts_checks, acts_registers
from app.demo.stage import Stage

PARTS: tuple[Callable[[Stage], None], ...] = (
    acts_registers.keep_registers,
    acts_registers.take_reports,
    acts_checks.check_themselves,
    acts_checks.draw_and_visit,
    acts_calls.call_last_year,
    acts_calls.call_this_year,
    acts_cases.apply_for_new_rooms,
    acts_cases.deregister,
    acts_cases.suspend,
    acts_care.care_for_children,
)


def unfold(stage: Stage, advance: Callable[[], object]) -> None:
    """Let everything happen. Calls `advance` after each of `PARTS`. Nothing commits.

    Parts that the network's rulebook knows no procedure for stay out.
    """
    for part in PARTS:
        part(stage)
        advance()
