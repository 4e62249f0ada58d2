"""The page of coverage, and the same numbers as JSON and CSV."""

import csv
import io

import pytest

from ecosystem.coverage import figures
from ecosystem.models import RECORDS, Company, Place
from tests.builders import build, populate
from tests.pages import links, parse, words

pytestmark = pytest.mark.django_db


def test_page_and_files_say_the_same(client):
    populate(2)
    expected = [
        (figure.record_type or None, figure.name, figure.words, figure.number, figure.out_of)
        for figure in figures()
    ]
    data = client.get("/coverage.json").json()
    assert [tuple(row.values()) for row in data["figures"]] == expected
    text = client.get("/coverage.csv").getvalue().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text))
    assert header == list(data["figures"][0])
    assert [[cell or None for cell in row] for row in rows] == [
        [None if value is None else str(value) for value in row] for row in expected
    ]
    page = words(parse(client.get("/coverage/")))
    found = {(kind, name): (number, out_of) for kind, name, _, number, out_of in expected}
    for model in RECORDS:
        kind = model._meta.model_name
        total, read = found[kind, "records"][0], found[kind, "records_read"][0]
        assert f"{str(model._meta.verbose_name_plural).capitalize()} {total} {read} (" in page


def test_page_tells_the_gaps_of_a_kind_in_a_line_the_widest_first(client):
    build(Company, place=build(Place), website="https://example.org/", size_band="50-199")
    build(Company, place=build(Place), ownership="private", open_source=True)
    build(Company, place=build(Place), ownership="private", open_source=True, size_band="50-199")
    page = words(parse(client.get("/coverage/")))
    gaps = "founded not known for 3, website for 2, ownership for 1, size band for 1, open source for 1"
    assert f"Companies (3): {gaps} A field" in page


def test_page_links_its_data_and_lists(client):
    found = links(parse(client.get("/coverage/")))
    assert {"/coverage.json", "/coverage.csv", "/companies/", "/sources/"} <= found.keys()


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_files_refuse_parameters(client, suffix):
    response = client.get(f"/coverage.{suffix}?kind=company")
    assert response.status_code == 400
    assert response.json()["errors"][0]["parameter"] == "kind"


def test_page_names_what_it_ignores(client):
    assert "We ignored: kind" in words(parse(client.get("/coverage/?kind=company")))
