"""The formats of a list: whole, well-formed, and safe to open."""

import csv
import gc
import io
import json
import weakref
from types import SimpleNamespace

import pytest

from ecosystem.column_kinds import FLAG, NUMBER, WORDS, column
from ecosystem.models import Company, Place, Sector
from ecosystem.plain import plan
from ecosystem.renderers import cell, csv_file, not_valid, statements_of
from tests.builders import build, build_source, build_statement
from tests.pages import ATOM, read_atom, read_csv, read_json

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠a"]


@pytest.mark.parametrize("text", FORMULAS)
def test_cell_is_never_a_formula(text):
    assert cell(text) == f"'{text}"
    assert cell([text, "b"]) == f"'{text} | b"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("plain", "plain"),
        ("a=b", "a=b"),
        ("杭州", "杭州"),
        (["a", "b"], "a | b"),
        ([], ""),
        (True, "true"),
        (False, "false"),
        (None, None),
        (-5, -5),
        (0, 0),
    ],
)
def test_cell_keeps_plain_values(value, written):
    assert cell(value) == written


@pytest.mark.parametrize("text", FORMULAS)
def test_file_holds_no_formula(text):
    columns = [column("name", "Text"), column("words", "List", schema=WORDS)]
    [head, lines] = csv_file(columns, [SimpleNamespace(name=text, words=[text, "b"])])
    assert head == b"\xef\xbb\xbfname,words\r\n"
    assert list(csv.reader(io.StringIO(lines.decode(), newline=""))) == [[f"'{text}", f"'{text} | b"]]


def test_file_writes_each_kind_as_it_is():
    columns = [column("a", "", schema=WORDS), column("b", "", schema=FLAG), column("c", "", schema=NUMBER)]
    columns.append(column("d", ""))
    rows = [(["x", "y"], True, -1, ""), ([], False, 2.5, None), (["'"], None, None, "a=b")]
    [_, lines] = csv_file(columns, [SimpleNamespace(**dict(zip("abcd", row, strict=True))) for row in rows])
    assert lines.decode().splitlines() == ["x | y,true,-1,", ",false,2.5,", "',,,a=b"]


def test_problem_names_each_parameter():
    response = not_valid([("a", "Wrong."), ("b", "Odd.")])
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert json.loads(response.content) == {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "a: Wrong. b: Odd.",
        "errors": [{"parameter": "a", "detail": "Wrong."}, {"parameter": "b", "detail": "Odd."}],
    }


@pytest.fixture
def firms(db):
    """63 companies: three pages, and more than one of the list's own size."""
    sector = build(Sector, "robots")
    return [build(Company, f"c-{n:02}", name=f"C {n:02}", many={"sectors": [sector]}) for n in range(63)]


def test_csv_holds_the_whole_view(client, firms):
    """The page shows 24; the file that it links to has no pages."""
    assert read_json(client, "company")["pages"] == 3
    rows = read_csv(client, "company")
    assert [row[0] for row in rows] == ["slug", *(firm.slug for firm in firms)]
    assert len({len(row) for row in rows}) == 1
    build(Company, "other")
    assert len(read_csv(client, "company", "sector=robots")) == 64


def test_csv_starts_with_one_byte_order_mark(client, firms):
    response = client.get("/companies.csv")
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbfslug,")
    assert content.count(b"\xef\xbb\xbf") == 1
    assert response["Content-Disposition"] == 'attachment; filename="companies.csv"'


@pytest.mark.django_db
def test_csv_quotes_and_disarms_editors_text(client):
    build(Company, "a", name="=HYPERLINK(1)", summary='Says "hi", twice\nand more', name_zh="杭州")
    header, row = read_csv(client, "company")
    record = dict(zip(header, row, strict=True))
    assert record["name"] == "'=HYPERLINK(1)"
    assert record["summary"] == 'Says "hi", twice\nand more'
    assert record["name_zh"] == "杭州"


def test_json_pages_through_the_view(client, firms):
    first, third = (read_json(client, "company", f"sector=robots&page={page}") for page in (1, 3))
    assert (first["total"], first["page"], first["pages"], len(first["records"])) == (63, 1, 3, 24)
    assert first["previous"] is None
    assert first["next"] == "http://testserver/companies.json?page=2&sector=robots"
    assert (third["page"], len(third["records"]), third["next"]) == (3, 15, None)
    assert third["previous"] == first["next"]
    assert client.get(first["next"]).json()["records"][0]["slug"] == "c-24"


def test_json_says_what_it_understood(client, firms):
    data = read_json(client, "company", "founded_to=2020&sector=robots&q=")
    in_hub = ["headquarters", "office"]
    assert data["filters"] == {"founded_to": 2020, "hub_link": in_hub, "sector": ["robots"], "sort": "name"}
    assert data["left_out"] == 0
    build(Company, hub_link="linked")
    assert read_json(client, "company")["left_out"] == 1
    assert data["facets"]["hub_link"] == []
    assert data["licence"]["name"] == "CC BY 4.0"
    assert data["url"] == "http://testserver/companies/?founded_to=2020&sector=robots"


@pytest.mark.django_db
def test_json_writes_chinese_as_it_is(client):
    build(Company, name_zh="深度求索")
    assert "深度求索" in client.get("/companies.json").content.decode()


@pytest.mark.django_db
def test_record_as_data_counts_its_statements_and_names_its_sources(client):
    place = build(Place, "park")
    company = build(Company, "a", place=place, founded="2016-07", other_names="B\nC", open_source=True)
    prose, shared = build_source("prose"), build_source("shared")
    company.sources.set([prose])
    build_statement(company, [shared], status="disputed")
    build_statement(company, [shared], status="disputed", value="2.50", unit="people", date="2020")
    build_statement(company, [build_source()], draft=True)
    [record] = read_json(client, "company")["records"]
    assert (record["founded"], record["place"], record["open_source"]) == ("2016-07", "park", True)
    assert record["other_names"] == ["B", "C"]
    assert record["statements_disputed"] == 2
    assert record["statements_corroborated"] == 0
    assert record["sources"] == [prose.url, shared.url]
    assert record["url"] == "http://testserver/companies/a/"
    assert record["parent"] is None
    whole = client.get("/companies/a.json").json()
    assert [row["value"] for row in whole["statements"]] == [None, 2.5]
    assert [row["key"] for row in whole["cited"]] == ["prose", "shared"]
    assert whole["body"] is None


@pytest.mark.django_db
def test_atom_ids_outlive_edits(client):
    company = build(Company, "deep", name="Before", summary="A & B < C 杭州")

    def entry():
        return read_atom(client, "company").find(f"{ATOM}entry")

    before = entry()
    company.name, company.summary = "After", "Other"
    company.save()
    after = entry()
    assert (
        before.findtext(f"{ATOM}id") == after.findtext(f"{ATOM}id") == "tag:testserver,2026:/companies/deep/"
    )
    assert before.findtext(f"{ATOM}published") == after.findtext(f"{ATOM}published")
    assert before.findtext(f"{ATOM}updated") < after.findtext(f"{ATOM}updated")
    assert (before.findtext(f"{ATOM}title"), after.findtext(f"{ATOM}title")) == ("Before", "After")
    assert before.findtext(f"{ATOM}summary") == "A &amp; B &lt; C 杭州"


def test_atom_holds_the_whole_view_newest_first(client, firms):
    entries = read_atom(client, "company", "sector=robots&sort=name").findall(f"{ATOM}entry")
    titles = [entry.findtext(f"{ATOM}title") for entry in entries]
    assert titles == [firm.name for firm in reversed(firms)]


@pytest.mark.django_db
@pytest.mark.parametrize("sign", ["\x08", "\x0b", "\x1f", "\ufffe"])
def test_atom_survives_signs_that_xml_cannot_hold(client, sign):
    build(Company, name=f"A{sign}B", summary=f"C{sign}D")
    entry = read_atom(client, "company").find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "A\ufffdB"
    assert entry.findtext(f"{ATOM}summary") == "C\ufffdD"


@pytest.mark.django_db
def test_statements_of_a_file_are_freed_without_a_search_for_garbage():
    firm = build(Company, state="published")
    build_statement(firm, [build_source()])
    [record] = plan(Company, "for_export").in_order([firm.pk])
    gone = weakref.ref(record)
    gc.disable()
    try:
        assert len(list(statements_of(iter([record])))) == 1
        del record
        assert gone() is None
    finally:
        gc.enable()
