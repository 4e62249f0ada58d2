"""Two texts, told apart word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem import wording
from ecosystem.wording import told_apart

TEXTS = st.text(alphabet="ab 宇树\n", max_size=30)


@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("It makes dogs.", "It makes arms.", ["dogs."], ["arms."]),
        ("It makes dogs.", "It makes big dogs.", [], ["big "]),
        ("在杭州滨江", "在杭州西湖", ["滨江"], ["西湖"]),
        ("", "New.", [], ["New."]),
        ("Gone.", "", ["Gone."], []),
    ],
)
def test_words_that_differ_are_marked(before, after, old, new):
    parts = told_apart(before, after)
    assert [[words for differs, words in side if differs] for side in parts] == [old, new]


@given(TEXTS, TEXTS)
def test_parts_make_up_both_texts_and_share_the_rest(before, after):
    old, new = told_apart(before, after)
    assert ("".join(words for _, words in old), "".join(words for _, words in new)) == (before, after)
    shared = ["".join(words for differs, words in side if not differs) for side in (old, new)]
    assert shared[0] == shared[1]


def test_texts_too_long_to_compare_are_marked_whole(monkeypatch):
    monkeypatch.setattr(wording, "MOST_PAIRS", 3)
    assert told_apart("a b", "a c") == ([(True, "a b")], [(True, "a c")])
