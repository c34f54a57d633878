"""Numbers as documents print them. Pure."""

from decimal import ROUND_DOWN, Decimal
from fractions import Fraction

Number = int | float | Decimal | Fraction


def plain(number: Number | None, places: int = 2) -> str:
    """A number without needless zeros, cut (never rounded up over a threshold) after `places`; empty for none."""
    if number is None:
        return ""
    exact = Decimal(number.numerator) / Decimal(number.denominator) if isinstance(number, Fraction) else Decimal(number)
    cut = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_DOWN).normalize()
    return f"{cut:f}" if cut else "0"
