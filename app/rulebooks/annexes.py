"""Reading the forms and the articles of a rulebook."""

from collections.abc import Collection, Mapping

from app.errors import N_
from app.rulebooks.node import Node
from app.rulebooks.rules import FORM_FIELDS, FORM_USES, LEVELS, Article, Form, FormField, Opinion

WITH_SHEET = ("self_check", "acceptance")


def read_forms(
    node: Node, kinds: tuple[str, ...], variants: Collection[str], sheets: Collection[str]
) -> tuple[Form, ...]:
    """``[[forms]]``: the annexes with their fields and boxes for opinions."""
    found: list[Form] = []
    for row in node.tables("forms") if node.has("forms") else ():
        form = _form(row, kinds, variants, sheets)
        if form.id in [other.id for other in found]:
            row.fail("id", N_("%(file)s: %(key)s uses the name %(name)s twice"), name=form.id)
        found.append(form)
    return tuple(found)


def _form(row: Node, kinds: tuple[str, ...], variants: Collection[str], sheets: Collection[str]) -> Form:
    use = row.choice("use", FORM_USES)
    form = Form(
        id=row.string("id"),
        annex=row.text("annex"),
        title=row.text("title"),
        use=use,
        kinds=row.words("kinds", kinds),
        variants=row.words("variants", tuple(variants)) if row.has("variants") else (),
        copies=row.whole("copies", 1) if row.has("copies") else 1,
        fields=tuple(_field(field) for field in row.tables("fields", least=0)) if row.has("fields") else (),
        opinions=tuple(_opinion(box) for box in row.tables("opinions")) if row.has("opinions") else (),
        sheet=row.choice("sheet", tuple(sheets)) if use in WITH_SHEET else None,
    )
    row.finish()
    codes = [field.code for field in form.fields]
    for code in codes:
        if codes.count(code) > 1:
            row.fail("fields", N_("%(file)s: %(key)s uses the name %(name)s twice"), name=code)
    return form


def _field(row: Node) -> FormField:
    field = FormField(row.choice("code", FORM_FIELDS), row.text("label"), row.flag("wide", default=False))
    row.finish()
    return field


def _opinion(row: Node) -> Opinion:
    opinion = Opinion(row.choice("level", LEVELS), row.text("label"))
    row.finish()
    return opinion


def read_articles(node: Node, known: Mapping[str, Collection[str]]) -> tuple[Article, ...]:
    """``[[articles]]``: `known` has, by section of the file, the names that an article may refer to (none: the section
    itself only)."""
    found = []
    for row in node.tables("articles"):
        article = Article(row.text("number"), row.text("text"), row.words("refers", least=0))
        row.finish()
        for name in article.refers:
            section, _, below = name.partition(".")
            if section not in known or (below and below not in known[section]):
                row.fail("refers", N_("%(file)s: %(key)s refers to %(name)s, which the file does not have"), name=name)
        found.append(article)
    return tuple(found)
