"""A snapshot brought up to date is the one made from nothing, and the old one stays as it was."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.finder.directory import Directory
from app.finder.entries import Box, Entry, Filters, Version
from tests.finder.oracle import NOON, entry
from tests.finder.test_directory import BAR, OFFICE, build, ids


def facts(built: Directory) -> dict[int, Entry]:
    return {one.site_id: one for one in map(built.entries.__getitem__, range(len(built.entries)))}


names, few = st.sampled_from(["银海街\t小屋", "", "Ａ\n“x”\\"]), st.sampled_from([None, 3])
sites = st.builds(
    lambda site_id, pin, name, kind, number, until, hours: entry(
        site_id, *pin, name=name, kind=kind, hours=hours, suspensions=((NOON, until),) if until else (),
        last_verified_on=date(2026, 1, 2) if number else None, photos=({"kind": "inside"},) if number else (),
    )._replace(facilities={"sofa": number, f"code {number}": None}),
    st.integers(1, 40), st.sampled_from([(120.0, 30.0), (120.5, 30.0), (None, None)]), names,
    st.sampled_from(["room", "nursery"]), few, st.sampled_from([None, NOON + timedelta(days=1)]),
    st.sampled_from([OFFICE, BAR]),
)  # fmt: skip
networks = st.lists(sites, max_size=40, unique_by=lambda one: one.site_id)


@settings(max_examples=60)
@given(networks, networks, st.sets(st.integers(1, 40)))
def test_a_changed_snapshot_is_the_one_made_from_nothing_and_the_old_one_stays(before, after, gone):
    old = build(*before)
    changed = {one.site_id for one in after} | gone
    published = [one for one in after if one.site_id not in gone]
    new = old.with_changes(changed, published, Version(4, 0))
    expected = {one.site_id: one for one in before if one.site_id not in changed}
    expected |= {one.site_id: one for one in published}
    whole = build(*expected.values())
    assert facts(new) == expected
    assert facts(old) == {one.site_id: one for one in before}
    assert new.districts == whole.districts
    for filters in (
        Filters(),
        Filters(open_now=True, kinds=frozenset({"room"})),
        Filters(facilities=frozenset({"code 3"})),
    ):
        asked = {"at": NOON, "filters": filters}
        assert ids(new, new.nearest(120.1, 30, limit=9, **asked)) == ids(
            whole, whole.nearest(120.1, 30, limit=9, **asked)
        )
        for words in ([], ["小屋"]):
            assert {new.table.ids[p] for p in new.search(words, **asked)} == {
                whole.table.ids[p] for p in whole.search(words, **asked)
            }
        box = Box(120.2, 29, 121, 31)
        (some, count), (others, expected_count) = new.within(box, limit=5, **asked), whole.within(box, limit=5, **asked)
        assert count == expected_count
        in_words = [[(position, None) for position in positions] for positions in (some, others)]
        assert new.collection(in_words[0], NOON) == whole.collection(in_words[1], NOON)
