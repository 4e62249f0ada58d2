"""The page of coverage, and the same numbers as JSON and CSV."""

import csv
import io

import pytest

from ecosystem.coverage import figures
from ecosystem.models import RECORDS
from tests.builders import populate
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
    assert "Companies: place not known for" not in page
    number, out_of = found["company", "gap_ownership"]
    assert f"Companies: ownership not known for {number} of {out_of}" in page


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
