"""What is compared, what is left out, and where the mark of a figure stands."""

import pytest

from ecosystem.comparison import company_rows, indicators
from ecosystem.models import Company, Hub, Place, Sector
from tests.builders import build, build_statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def hubs():
    return [build(Hub, f"peer-{n}", is_home=not n) for n in range(4)]


def measure(hubs, values, key="unicorns", unit="companies", **fields):
    """State one indicator of several hubs; None for a hub is a text without a number."""
    for hub, value in zip(hubs, values, strict=False):
        text = "" if value is not None else "Not in the top ten."
        facts = {"kind": "indicator", "key": key, "label": key.title(), "text": text, "date": "2025"}
        unit_of = unit if value is not None else ""
        build_statement(hub, **{**facts, "value": value, "unit": unit_of, **fields})


def only():
    [drawn], left_out = indicators()
    assert left_out == []
    return drawn


def test_amounts_are_shares_of_the_largest_in_its_order(hubs):
    measure(hubs, [50, 200, 100])
    one = only()
    assert [(row.hub.slug, row.number, row.place) for row in one.rows] == [
        ("peer-1", "200", 100),
        ("peer-2", "100", 50),
        ("peer-0", "50", 25),
    ]
    assert not one.is_rank
    assert one.has_home


def test_ranks_run_from_the_first_at_the_left(hubs):
    measure(hubs, [11, 1, 21], unit="rank in China")
    one = only()
    assert [(row.hub.slug, row.place) for row in one.rows] == [("peer-1", 3), ("peer-0", 50), ("peer-2", 97)]
    assert one.is_rank


@pytest.mark.parametrize("values", [[0, 0, 0], [-1, -2, -3], [1, 1, 1]])
@pytest.mark.parametrize("unit", ["rank", "companies"])
def test_equal_or_negative_figures_stay_in_the_picture(hubs, values, unit):
    measure(hubs, values, unit=unit)
    assert all(0 <= row.place <= 100 for row in only().rows)


def test_words_without_a_number_stand_last_and_are_not_drawn(hubs):
    measure(hubs, [3, None, 2, 1])
    rows = only().rows
    assert [row.hub.slug for row in rows] == ["peer-0", "peer-2", "peer-3", "peer-1"]
    assert not hasattr(rows[-1], "number")


@pytest.mark.parametrize(
    ("status", "drawn"),
    [("corroborated", 1), ("reported", 1), ("self-reported", 1), ("disputed", 0), ("unsupported", 0)],
)
def test_third_figure_has_to_count_as_true(hubs, status, drawn):
    measure(hubs[:2], [1, 2])
    measure(hubs[2:3], [3], status=status)
    shown, left_out = indicators()
    assert (len(shown), len(left_out)) == (drawn, 1 - drawn)
    if left_out:
        assert left_out[0].left_out == "a figure for 2 hubs"
        assert len(left_out[0].rows) == (3 if status == "disputed" else 2)


@pytest.mark.parametrize("hide", [{"draft": True}, {"kind": "fact"}])
def test_hidden_statement_or_other_kind_is_no_indicator(hubs, hide):
    measure(hubs[:2], [1, 2])
    measure(hubs[2:3], [3], **hide)
    assert indicators()[0] == []


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_hidden_hub_is_not_compared(hubs, state):
    measure([*hubs[:2], build(Hub, state=state)], [1, 2, 3])
    assert indicators()[0] == []


def test_two_figures_of_one_hub_count_once(hubs):
    measure([hubs[0], hubs[0], hubs[1]], [1, 2, 3])
    [one] = indicators()[1]
    assert one.left_out == "a figure for 2 hubs"


def test_figures_in_different_units_are_left_out(hubs):
    measure(hubs[:3], [1, 2, 3])
    measure(hubs[3:], [4], unit="percent")
    [one] = indicators()[1]
    assert one.left_out == "figures in different units"


def test_indicator_with_words_alone_is_left_out(hubs):
    measure(hubs[:1], [None])
    [one] = indicators()[1]
    assert one.left_out == "a figure for no hubs"


def test_cautions_are_said_in_words(hubs):
    measure(hubs, [1, 2, 3])
    assert list(only().cautions) == []
    note = "Comparability medium: one."
    measure(hubs[:1], [1], "other", actor="A", note=note)
    measure(hubs[1:2], [2], "other", actor="B", date="2020-05", note=note)
    measure(hubs[2:3], [2], "other", date=None, note="Comparability low.")
    one = next(one for one in indicators()[0] if one.key == "other")
    assert list(one.cautions) == [
        "The figures are of different years: 2020, 2025, an unknown year.",
        "They were not all measured by the same body.",
        "Comparability is low: see the notes.",
    ]
    assert one.notes == {note: ["Peer 0", "Peer 1"], "Comparability low.": ["Peer 2"]}
    assert one.measured == "companies, measured by A and B"


def test_status_is_said_once_where_it_is_one(hubs):
    measure(hubs[:3], [1, 2, 3])
    assert only().status == "reported"
    measure(hubs[3:], [4], status="disputed")
    assert only().status == ""
    assert len(only().figures) == 3


def rows_of(*firms):
    loaded = {firm.pk: firm for firm in Company.objects.for_export()}
    rows, alone = company_rows([loaded[firm.pk] for firm in firms])
    return {row.label: row for row in rows}, alone


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("2016", "2017", True),
        ("2016", "2016-05", False),
        ("2016-05", "2016-06", True),
        ("2016", None, False),
    ],
)
def test_founding_differs_only_where_dates_contradict(one, other, differs):
    rows, _ = rows_of(build(Company, founded=one), build(Company, founded=other))
    assert rows["Founded"].differs is differs


def test_typed_columns_carry_their_evidence():
    firm, other = build(Company, founded="2016", ownership="private"), build(Company, ownership="public")
    statement = build_statement(firm, key="founded", text="2016")
    build_statement(firm, key="founded", text="1999", status="unsupported")
    rows, _ = rows_of(firm, other)
    first, second = rows["Founded"].cells
    assert (first.words, first.statements) == ("2016", [statement])
    assert (second.words, second.statements) == (None, [])
    assert rows["Ownership"].differs
    assert [cell.words for cell in rows["Ownership"].cells] == ["Private", "Public"]


def test_relations_are_compared_by_name():
    robots, games = build(Sector, name="Robots"), build(Sector, name="Games")
    parent = build(Company, name="Parent")
    place = build(Place, name="Binjiang")
    one = build(Company, parent=parent, place=place, open_source=True, many={"sectors": [robots, games]})
    rows, _ = rows_of(one, build(Company, open_source=False, exchange="HKEX", ticker="9988"))
    assert rows["Sectors"].cells[0].words == "Games, Robots"
    assert rows["Parent company"].cells[0].words == "Parent"
    assert rows["Place in the hub"].cells[0].words == "Binjiang"
    assert [cell.words for cell in rows["Open source"].cells] == ["yes", "no"]
    assert rows["Listed"].cells[1].words == "HKEX 9988"
    assert not rows["Sectors"].differs


def test_hidden_parent_is_not_named():
    child = build(Company, parent=build(Company, name="Secret", state="draft"), founded="2016")
    rows, _ = rows_of(child, build(Company))
    assert "Parent company" not in rows


def test_facts_are_rows_where_two_firms_have_them():
    one, two, three = build(Company), build(Company), build(Company)
    for firm, text in ((one, "A"), (two, "a"), (three, "B")):
        build_statement(firm, key="products", label="Products", text=text)
    build_statement(one, key="revenue", label="Revenue", text="5")
    build_statement(two, key="revenue", label="Revenue", text="6", status="unsupported")
    build_statement(one, kind="event", key="event", label="Event", text="x")
    build_statement(two, kind="event", key="event", label="Event", text="y")
    build_statement(one, key="website", text="x")
    build_statement(two, key="website", text="x")
    rows, alone = rows_of(one, two)
    assert not rows["Products"].differs
    assert {"Revenue", "Event", "Founded", "Website"}.isdisjoint(rows)
    assert alone == 1
    assert rows_of(one, two, three)[0]["Products"].differs


def test_disputed_fact_is_shown_but_makes_no_difference():
    one, two = build(Company), build(Company)
    build_statement(one, key="revenue", label="Revenue", text="5")
    build_statement(two, key="revenue", label="Revenue", text="6", status="disputed")
    row = rows_of(one, two)[0]["Revenue"]
    assert [cell.statements[0].text for cell in row.cells] == ["5", "6"]
    assert not row.differs
