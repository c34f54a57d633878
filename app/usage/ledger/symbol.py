"""The QR symbol of a checkpoint's line, as SVG."""

from itertools import groupby

import qrcode
from qrcode.constants import ERROR_CORRECT_M

QUIET_MODULES = 4


def checkpoint_svg(line: str) -> str:
    """The symbol with its quiet zone; its unit is one module. The line's capitals and digits make it a small one."""
    symbol = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_MODULES, box_size=1)
    symbol.add_data(line)
    symbol.make(fit=True)
    rows = symbol.get_matrix()
    path = "".join(_row(row, y) for y, row in enumerate(rows))
    size = len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path d="{path}"/></svg>'
    )


def _row(row: list[bool], y: int) -> str:
    parts: list[str] = []
    x = 0
    for is_dark, run in groupby(row):
        length = len(list(run))
        if is_dark:
            parts.append(f"M{x} {y}h{length}v1h-{length}z")
        x += length
    return "".join(parts)
