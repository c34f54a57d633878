"""A file of posters, beside the barest page with a symbol: the same typesetter and a text, nothing else."""

import json
from datetime import date

import typst

from app.sites.door_codes import door_url, new_code, qr_svg
from app.sites.posters import Poster, fonts, posters_pdf
from benchmarks.files.measuring import Span, in_a_process, measured
from benchmarks.table import Row, Target

BARE = b"""
#let sheets = json(bytes(sys.inputs.data))
#for sheet in sheets {
  page(width: 210mm, height: 297mm, align(center + horizon, [
    #text(font: "Noto Sans CJK SC", size: 24pt, sheet.name) \\
    #image(bytes(sheet.qr), format: "svg", width: 96mm)
  ]))
}
"""


def rows(number: int) -> list[Row]:
    """Pages a second by the clock, and what memory the file takes."""
    ours, memory_mb = in_a_process(_ours, number)
    bare, bare_mb = in_a_process(_bare, number)
    shown = f"{ours.clock_s:.1f} s, {ours.cpu_s:.1f} s of CPU"
    theirs = f"{bare.clock_s:.1f} s, {bare.cpu_s:.1f} s of CPU"
    name, against = f"{number} posters (A4) in one PDF", "a bare page with a name and a symbol"
    return [
        Row(name, number / ours.clock_s, Target.at_least(5, "pages/s"), shown, against, theirs,
            by_cpu=bare.cpu_s / ours.cpu_s),
        Row(f"{name}: memory", memory_mb, Target(unit="MB"), "", against, f"{bare_mb:.0f} MB"),
    ]  # fmt: skip


def _posters(number: int) -> list[Poster]:
    codes = [new_code() for _ in range(number)]
    return [
        Poster(
            name=f"钱塘区第 {place} 号女职工爱心妈妈小屋",
            floor_label="2 号楼 3 层",
            code=code,
            url=door_url("https://xw.example.cn", code),
            domain="xw.example.cn",
            print_version=1,
            printed_on=date(2026, 7, 1),
            organisation="杭州市钱塘区总工会",
        )
        for place, code in enumerate(codes)
    ]


def _ours(number: int) -> Span:
    sheets = _posters(number)
    fonts()
    with measured() as span:
        posters_pdf(sheets, "a4")
    return span


def _bare(number: int) -> Span:
    sheets = _posters(number)
    face = fonts()
    with measured() as span:
        data = json.dumps([{"name": sheet.name, "qr": qr_svg(sheet.url)} for sheet in sheets])
        typst.compile(BARE, font_paths=face, sys_inputs={"data": data}, format="pdf")
    return span
