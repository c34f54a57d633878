"""Every official form of every rulebook, opened: Word through LibreOffice, PDF as it is."""

from pathlib import Path

import pytest
from docx import Document

from app.documents import docx, pdf
from app.documents.forms import Content
from app.errors import Invalid
from app.rulebooks.rules import Form
from tests.documents.paper import NASTY, pages, pdf_text, to_pdf, word_text
from tests.documents.subjects import DAY, all_forms, filled_form, notice

TYPED = "{{ ''.__class__ }} {%tr for a in b %} #panic() $x$ *b* _i_ \\ @ref <w:p/>"
FORMS = [pytest.param(rulebook, form, id=f"{rulebook}-{form.id}") for rulebook, form in all_forms()]


def squeezed(text: str) -> str:
    """Without blanks, as `pdf_text` gives it."""
    return "".join(text.split())


def said(content: Content) -> list[str]:
    """Every text that has to stand on the paper."""
    cells = [text for row in content["rows"] for cell in row for text in (cell["label"], cell["value"])]
    texts = [content["title"], content["annex"], content["footer"]["right"], *cells]
    texts += [one[name] for one in content["opinions"] for name in ("label", "text", "seal", "date")]
    if content["sheet"]:
        for group in content["sheet"]["groups"]:
            texts += [group["label"], *(item[name] for item in group["items"] for name in ("label", "note"))]
        texts += [one["value"] for one in content["sheet"]["sums"]]
    return [squeezed(line) for text in texts for line in text.split("\n") if line]


def word(content: Content) -> bytes:
    """The Word file from the product's own template."""
    return docx.render(docx.template(content["template"], Path("nowhere")), content)


@pytest.mark.parametrize(("rulebook", "form"), FORMS)
def test_pdf_holds_every_text(rulebook: str, form: Form) -> None:
    content = filled_form(form, rulebook)
    made = pdf.render("form", content, DAY)
    text = pdf_text(made)
    assert [missing for missing in said(content) if missing not in text] == []
    assert pages(made) <= 3


def test_word_files_open_and_hold_every_text(tmp_path: Path) -> None:
    # One test and one process for all of them: LibreOffice takes seconds to start.
    contents = {f"{rulebook}-{form.id}.docx": filled_form(form, rulebook) for rulebook, form in all_forms()}
    files = {**contents, "typed.docx": typed_form(), "notice.docx": notice()}
    opened = to_pdf(tmp_path, {name: word(content) for name, content in files.items()})
    for name, content in contents.items():
        text = pdf_text(opened[name])
        assert [missing for missing in said(content) if missing not in text] == [], name
        assert pages(opened[name]) <= 3, name
    assert squeezed(TYPED + NASTY) in pdf_text(opened["typed.docx"])
    published = notice()
    cells = [cell for group in published["groups"] for line in group["lines"] for cell in line]
    for expected in (published["title"], published["document_number"], *published["opening"], *cells):
        assert squeezed(expected) in pdf_text(opened["notice.docx"])


def test_the_same_data_give_the_same_pdf() -> None:
    rulebook, form = all_forms()[0]
    content = filled_form(form, rulebook)
    assert pdf.render("form", content, DAY) == pdf.render("form", content, DAY)


def typed_form() -> Content:
    """A form into which somebody has typed programs, markup and signs that no file can hold."""
    rulebook, form = next((name, form) for name, form in all_forms() if form.id == "annex2")
    return filled_form(form, rulebook, manager_name=f"{TYPED} \x0b\x00\x1f\ufffe{NASTY}")


def test_what_people_typed_is_never_a_program_or_markup() -> None:
    assert squeezed(TYPED + NASTY) in pdf_text(pdf.render("form", typed_form(), DAY))
    assert TYPED in word_text(word(typed_form()))


def test_an_installation_may_have_its_own_template(tmp_path: Path) -> None:
    own = Document()
    own.add_paragraph("本市样式：{{ title }} {{ title.__class__.__mro__ }}")
    own.save(str(tmp_path / "form.docx"))
    path = docx.template("form", tmp_path)
    assert path.parent == tmp_path
    with pytest.raises(Invalid, match=r"form\.docx is faulty"):
        docx.render(path, typed_form())  # the sandbox lets nobody at the insides
    own = Document()
    own.add_paragraph("本市样式：{{ title }}")
    own.save(str(tmp_path / "form.docx"))
    assert "本市样式：女职工关爱服务阵地备案表" in word_text(docx.render(path, typed_form()))


def test_a_faulty_template_is_named(tmp_path: Path) -> None:
    own = Document()
    own.add_paragraph("{% if title %}")
    own.save(str(tmp_path / "notice.docx"))
    with pytest.raises(Invalid, match=r"notice\.docx is faulty"):
        docx.render(docx.template("notice", tmp_path), notice())
