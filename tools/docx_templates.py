"""Make the Word templates under app/documents/data from scratch. Afterwards they may be edited in Word.

    .venv/bin/python -m tools.docx_templates

The words on them come with the document's data; here is only where they stand.
"""

from collections.abc import Sequence
from pathlib import Path

from docx import Document
from docx.document import Document as Docx
from docx.enum.table import WD_ALIGN_VERTICAL, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

DATA = Path(__file__).resolve().parents[1] / "app" / "documents" / "data"
SONG, TITLE, HEI, FANGSONG = "宋体", "方正小标宋简体", "黑体", "仿宋"
WIDTH = 16.4
FORM = (3.2, 5.0, 3.2, 5.0)
SCORES = (2.6, 7.2, 1.5, 1.6, 3.5)
TICKS = (2.6, 7.7, 1.9, 4.2)
LEFT, CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT


def face(run: Run, font: str, size: float) -> None:
    """Set the Chinese and the Latin face of a run."""
    run.font.size, run.font.name = Pt(size), "Times New Roman"
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)


def write(
    place: Paragraph, text: str, *, font: str = SONG, size: float = 11, align: WD_ALIGN_PARAGRAPH = LEFT
) -> Paragraph:
    """Put one run of text into a paragraph."""
    face(place.add_run(text), font, size)
    place.alignment = align
    place.paragraph_format.space_after = place.paragraph_format.space_before = Pt(0)
    return place


def new_document() -> Docx:
    """An A4 page with the footer that every document has."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(2.2), Cm(2.2)
    section.footer_distance = Cm(1.0)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(11)
    properties = style.element.get_or_add_rPr()
    properties.get_or_add_rFonts().set(qn("w:eastAsia"), SONG)
    language = OxmlElement("w:lang")
    for name, value in (("val", "en-US"), ("eastAsia", "zh-CN")):
        language.set(qn(f"w:{name}"), value)
    properties.append(language)
    foot = section.footer.paragraphs[0]
    write(foot, "{{ footer.left }}", size=8)
    write(section.footer.add_paragraph(), "{{ footer.right }}  ", size=8)
    number(section.footer.paragraphs[1])
    core = document.core_properties
    core.title, core.author, core.comments = "{{ title }}", "{{ author }}", ""
    return document


def number(place: Paragraph) -> None:
    """A field with the number of the page."""
    run = place.add_run()
    face(run, SONG, 8)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text or None
        run._element.append(element)


def heading(document: Docx) -> None:
    """Annex, title and the line under it."""
    tag(document, "{%p if annex %}")
    write(document.add_paragraph(), "{{ annex }}", font=HEI, size=14)
    tag(document, "{%p endif %}")
    title = write(document.add_paragraph(), "{{ title }}", font=TITLE, size=20, align=CENTRE)
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(6), Pt(4)
    tag(document, "{%p if subtitle %}")
    write(document.add_paragraph(), "{{ subtitle }}", size=11, align=CENTRE)
    tag(document, "{%p endif %}")
    tag(document, "{%p for line in head %}")
    line = write(document.add_paragraph(), "{{ line.left }}\t{{ line.right }}", size=11)
    line.paragraph_format.tab_stops.add_tab_stop(Cm(WIDTH), 2)
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(4)
    tag(document, "{%p endfor %}")


def tag(document: Docx, text: str) -> None:
    """A paragraph with a statement of the template language; it is gone from the document made."""
    document.add_paragraph(text)


def new_table(document: Docx, widths: Sequence[float]) -> Table:
    """A table with thin lines and fixed columns."""
    table: Table = document.add_table(rows=0, cols=len(widths))
    table.style, table.autofit, table.alignment = "Table Grid", False, WD_TABLE_ALIGNMENT.CENTER
    margins = OxmlElement("w:tblCellMar")
    for side in ("top", "bottom"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "60")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    return table


def row(table: Table, widths: Sequence[float], *, least: float = 0.85, splits: bool = False) -> _Row:
    """A new row of at least this height in cm."""
    made: _Row = table.add_row()  # type: ignore[no-untyped-call]
    made.height, made.height_rule = Cm(least), WD_ROW_HEIGHT_RULE.AT_LEAST
    for cell, width in zip(made.cells, widths, strict=True):
        cell.width, cell.vertical_alignment = Cm(width), WD_ALIGN_VERTICAL.CENTER
    if not splits:
        made._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    return made


def statement(table: Table, text: str) -> None:
    """A row with a statement of the template language; it is gone from the document made."""
    table.add_row().cells[0].paragraphs[0].add_run(text)  # type: ignore[no-untyped-call]


def opinions(table: Table, widths: Sequence[float], source: str) -> None:
    """Blocks with room for an opinion, a stamp and a date."""
    statement(table, f"{{%tr for opinion in {source} %}}")
    cells = row(table, widths, least=3.6).cells
    write(cells[0].paragraphs[0], "{{ opinion.label }}", align=CENTRE)
    wide = cells[1].merge(cells[-1])
    wide.vertical_alignment = WD_ALIGN_VERTICAL.BOTTOM
    write(wide.paragraphs[0], "{{ opinion.text }}")
    write(wide.add_paragraph(), "")
    write(wide.add_paragraph(), "")
    for text in ("{{ opinion.seal }}", "{{ opinion.date }}"):
        write(wide.add_paragraph(), text, align=RIGHT).paragraph_format.right_indent = Cm(1)
    statement(table, "{%tr endfor %}")


def form_table(document: Docx) -> None:
    """Two labels and values in a row, or one that is wide, then the opinions."""
    tag(document, "{%p if rows or opinions %}")
    table = new_table(document, FORM)
    statement(table, "{%tr for row in rows %}")
    statement(table, "{%tr if row | length == 1 %}")
    cells = row(table, FORM, splits=True).cells
    write(cells[0].paragraphs[0], "{{ row[0].label }}", align=CENTRE)
    write(cells[1].merge(cells[3]).paragraphs[0], "{{ row[0].value }}")
    statement(table, "{%tr else %}")
    cells = row(table, FORM).cells
    for pair in (0, 1):
        write(cells[pair * 2].paragraphs[0], f"{{{{ row[{pair}].label }}}}", align=CENTRE)
        write(cells[pair * 2 + 1].paragraphs[0], f"{{{{ row[{pair}].value }}}}")
    statement(table, "{%tr endif %}")
    statement(table, "{%tr endfor %}")
    opinions(table, FORM, "opinions")
    tag(document, "{%p endif %}")


def sheet_table(document: Docx, widths: Sequence[float], columns: Sequence[str]) -> None:
    """The items of a score sheet or tick list under their groups, and the total."""
    write(document.add_paragraph(), "", size=4)  # without it Word joins this table to the one above
    table = new_table(document, widths)
    head = row(table, widths)
    head._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for place, cell in enumerate(head.cells):
        write(cell.paragraphs[0], f"{{{{ sheet.heads[{place}] }}}}", font=HEI, size=10.5, align=CENTRE)
    statement(table, "{%tr for group in sheet.groups %}")
    statement(table, "{%tr for item in group['items'] %}")
    cells = row(table, widths, least=0.7).cells
    write(cells[0].paragraphs[0], "{% vm %}{{ group.label }}", size=10.5, align=CENTRE)
    for cell, name in zip(cells[1:], columns, strict=True):
        align = LEFT if name in ("label", "note") else CENTRE
        write(cell.paragraphs[0], f"{{{{ item.{name} }}}}", size=10.5, align=align)
    statement(table, "{%tr endfor %}")
    statement(table, "{%tr endfor %}")
    statement(table, "{%tr for line in sheet.sums %}")
    cells = row(table, widths).cells
    write(cells[0].merge(cells[1]).paragraphs[0], "{{ line.label }}", font=HEI, size=10.5, align=CENTRE)
    write(cells[2].paragraphs[0], "{{ line.points }}", size=10.5, align=CENTRE)
    rest = cells[3] if len(cells) == 4 else cells[3].merge(cells[4])
    write(rest.paragraphs[0], "{{ line.value }}", size=10.5, align=CENTRE)
    statement(table, "{%tr endfor %}")
    opinions(table, widths, "sheet.opinions")


def form() -> Docx:
    """Forms and score sheets."""
    document = new_document()
    heading(document)
    form_table(document)
    tag(document, "{%p if sheet and not sheet.is_tick_list %}")
    sheet_table(document, SCORES, ("label", "points", "given", "note"))
    tag(document, "{%p endif %}")
    tag(document, "{%p if sheet and sheet.is_tick_list %}")
    sheet_table(document, TICKS, ("label", "given", "note"))
    tag(document, "{%p endif %}")
    tag(document, "{%p for line in notes %}")
    write(document.add_paragraph(), "{{ line }}", size=9.5)
    tag(document, "{%p endfor %}")
    return document


def notice() -> Docx:
    """A notice: letterhead, title, paragraphs, list, signature."""
    document = new_document()
    tag(document, "{%p if document_number %}")
    write(document.add_paragraph(), "{{ document_number }}", font=FANGSONG, size=14, align=RIGHT)
    tag(document, "{%p endif %}")
    title = write(document.add_paragraph(), "{{ title }}", font=TITLE, size=22, align=CENTRE)
    title.paragraph_format.space_before, title.paragraph_format.space_after = Pt(24), Pt(18)
    write(document.add_paragraph(), "{{ to }}", font=FANGSONG, size=16)
    for source in ("opening", "closing"):
        if source == "closing":
            notice_list(document)
        tag(document, f"{{%p for line in {source} %}}")
        body = write(document.add_paragraph(), "{{ line }}", font=FANGSONG, size=16)
        body.paragraph_format.line_spacing = Pt(29)
        body.paragraph_format.first_line_indent = Pt(32)
        tag(document, "{%p endfor %}")
    write(document.add_paragraph(), "")
    for text in ("{{ issuer }}", "{{ dated }}"):
        signed = write(document.add_paragraph(), text, font=FANGSONG, size=16, align=RIGHT)
        signed.paragraph_format.right_indent, signed.paragraph_format.line_spacing = Cm(1.5), Pt(29)
    return document


def notice_list(document: Docx) -> None:
    """The sites named, group by group."""
    widths = (1.4, 5.8, 5.8, 3.4)
    tag(document, "{%p for group in groups %}")
    head = write(document.add_paragraph(), "{{ group.label }}", font=HEI, size=14)
    head.paragraph_format.space_before = head.paragraph_format.space_after = Pt(6)
    head.paragraph_format.keep_with_next = True
    table = new_table(document, widths)
    top = row(table, widths)
    top._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for place, cell in enumerate(top.cells):
        write(cell.paragraphs[0], f"{{{{ heads[{place}] }}}}", font=HEI, size=12, align=CENTRE)
    statement(table, "{%tr for line in group.lines %}")
    cells: tuple[_Cell, ...] = row(table, widths).cells
    for place, cell in enumerate(cells):
        write(cell.paragraphs[0], f"{{{{ line[{place}] }}}}", font=FANGSONG, size=12, align=LEFT if place else CENTRE)
    statement(table, "{%tr endfor %}")
    tag(document, "{%p endfor %}")


def main() -> None:
    """Write the templates."""
    DATA.mkdir(exist_ok=True)
    for name, document in (("form", form()), ("notice", notice())):
        document.save(str(DATA / f"{name}.docx"))


if __name__ == "__main__":
    main()
