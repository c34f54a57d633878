"""Drawn stand-ins for photos, so that nobody takes them for real ones."""

import io
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

SIZE = (960, 720)
WALL, FLOOR, DOOR, FRAME, SIGN, INK = "#f4e9e4", "#d8c7bd", "#b97a6a", "#8d5a4d", "#ffffff", "#5b3a33"
SOFA, CURTAIN = "#c98f9b", "#e7c9cf"


def draw(kind: Literal["entrance", "inside"]) -> bytes:
    """A JPEG of a door or of a room, 960 x 720, with SYNTHETIC written across its foot."""
    image = Image.new("RGB", SIZE, WALL)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 560, 960, 720), fill=FLOOR)
    (_door if kind == "entrance" else _room)(pen)
    pen.text((480, 655), "DEMO · SYNTHETIC", fill=INK, anchor="mm", font=ImageFont.load_default(44))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _door(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((330, 130, 630, 570), fill=FRAME)
    pen.rectangle((350, 150, 610, 570), fill=DOOR)
    pen.ellipse((570, 360, 594, 384), fill=SIGN)
    pen.rounded_rectangle((400, 200, 560, 300), 14, fill=SIGN)
    _heart(pen, 480, 250)
    pen.rounded_rectangle((690, 260, 800, 410), 8, fill=SIGN, outline=FRAME, width=4)
    pen.rectangle((715, 285, 775, 345), fill=INK)


def _room(pen: ImageDraw.ImageDraw) -> None:
    pen.rectangle((120, 120, 420, 420), fill="#dff0f5", outline=FRAME, width=10)
    pen.rectangle((90, 100, 200, 520), fill=CURTAIN)
    pen.rectangle((340, 100, 450, 520), fill=CURTAIN)
    pen.rounded_rectangle((500, 380, 880, 560), 30, fill=SOFA)
    pen.rounded_rectangle((470, 440, 540, 600), 20, fill=SOFA)
    pen.rounded_rectangle((850, 440, 920, 600), 20, fill=SOFA)
    _heart(pen, 690, 250)


def _heart(pen: ImageDraw.ImageDraw, x: int, y: int) -> None:
    pen.ellipse((x - 34, y - 28, x, y + 6), fill=DOOR)
    pen.ellipse((x, y - 28, x + 34, y + 6), fill=DOOR)
    pen.polygon([(x - 32, y - 2), (x, y - 14), (x + 32, y - 2), (x, y + 36)], fill=DOOR)
