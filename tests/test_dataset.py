"""The whole data set as files: complete, public, and the same bytes for the same data."""

import csv
import hashlib
import io
import json
import sqlite3
import zipfile

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecosystem import dataset
from ecosystem.columns import TABLES
from ecosystem.models import RECORDS, Company
from tests.builders import build, build_statement, populate

pytestmark = pytest.mark.django_db


@pytest.fixture
def directory(settings, tmp_path):
    settings.DATASET_DIR = tmp_path / "var" / "dataset"
    return settings.DATASET_DIR


def archive(directory):
    """{name: text} of the files in the ZIP."""
    with zipfile.ZipFile(directory / "dataset.zip") as file:
        return {name: file.read(name).decode("utf-8-sig") for name in file.namelist()}


def csv_rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def rows_of(model):
    return model.objects.published().count()


def test_export_holds_every_public_row_of_every_model(directory):
    populate(2)
    manifest = dataset.export(directory)
    files = archive(directory)
    database = sqlite3.connect(directory / "dataset.sqlite")
    for model in TABLES:
        name, number = dataset.table_name(model), rows_of(model)
        assert number
        assert manifest["records"][name] == number
        assert len(csv_rows(files[f"{name}.csv"])) == len(files[f"{name}.jsonl"].splitlines()) == number
        assert database.execute(f'SELECT count(*) FROM "{name}"').fetchone() == (number,)  # noqa: S608 -- ours
    database.close()


def test_export_rebuilds_the_counts_of_the_pages(client, directory):
    populate(3)
    build(Company, "elsewhere", hub_link="linked")
    dataset.export(directory)
    companies = csv_rows(archive(directory)["companies.csv"])
    here = [row for row in companies if row["hub_link"] in Company.IN_HUB]
    listing = client.get("/companies.json").json()
    assert len(here) == listing["total"] < len(companies)
    for option in listing["facets"]["sector"]:
        assert sum(option["value"] in row["sectors"].split(" | ") for row in here) == option["count"]


def test_export_of_the_same_data_has_the_same_bytes(directory, tmp_path):
    populate(2)
    first = dataset.export(directory)["files"]
    second = dataset.export(tmp_path / "again")["files"]
    assert first == second
    for file in first:
        content = (directory / file["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert len(content) == file["bytes"]


def test_export_of_other_data_has_other_bytes(directory):
    company = build(Company, "unitree", legal_name="Before")
    before = {file["sha256"] for file in dataset.export(directory)["files"]}
    company.legal_name = "After"
    company.save()
    assert not before & {file["sha256"] for file in dataset.export(directory)["files"]}


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_export_keeps_out_what_is_not_public(directory, state):
    hidden = build(Company, "hidden-firm", state=state)
    build_statement(hidden, text="hidden words")
    seen = build(Company, "seen-firm", parent=hidden)
    build_statement(seen, text="hidden words", draft=True)
    dataset.export(directory)
    everything = "".join(archive(directory).values()) + (directory / "dataset.sqlite").read_bytes().decode(
        "latin-1"
    )
    assert "seen-firm" in everything
    assert "hidden" not in everything


def test_export_defuses_formulas_in_csv_alone(directory):
    build(Company, "unitree", legal_name="=1+1", other_names="@home")
    dataset.export(directory)
    files = archive(directory)
    [row] = csv_rows(files["companies.csv"])
    assert (row["legal_name"], row["other_names"]) == ("'=1+1", "'@home")
    assert json.loads(files["companies.jsonl"])["legal_name"] == "=1+1"


def test_package_describes_the_files_that_are_there(directory):
    populate(1)
    dataset.export(directory)
    files = archive(directory)
    package = json.loads(files["datapackage.json"])
    assert {resource["path"] for resource in package["resources"]} | {
        "README.md",
        "LICENSE.md",
        "datapackage.json",
    } == set(files)
    with zipfile.ZipFile(directory / "dataset.zip") as file:
        for resource in package["resources"]:
            content = file.read(resource["path"])
            assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
            assert resource["bytes"] == len(content)
            if resource["format"] == "csv":
                fields = [field["name"] for field in resource["schema"]["fields"]]
                assert fields == content.decode("utf-8-sig").splitlines()[0].split(",")
    assert package["licenses"][0]["name"] == "CC-BY-4.0"


def test_files_name_the_rows_that_a_field_points_to(directory):
    populate(2)
    dataset.export(directory)
    database = sqlite3.connect(directory / "dataset.sqlite")
    links = {row[2:5] for row in database.execute("PRAGMA foreign_key_list(companies)")}
    assert links == {("places", "place", "slug"), ("companies", "parent", "slug")}
    assert database.execute("PRAGMA foreign_key_check").fetchall() == []
    database.close()
    package = json.loads(archive(directory)["datapackage.json"])
    [companies] = [resource for resource in package["resources"] if resource["name"] == "companies-csv"]
    assert companies["schema"]["foreignKeys"] == [
        {"fields": "place", "reference": {"resource": "places-csv", "fields": "slug"}},
        {"fields": "parent", "reference": {"resource": "companies-csv", "fields": "slug"}},
    ]


def test_database_says_what_it_is(directory, settings):
    build(Company, "unitree")
    manifest = dataset.export(directory)
    database = sqlite3.connect(directory / "dataset.sqlite")
    about = dict(database.execute("SELECT * FROM about"))
    database.close()
    assert (about["source"], about["licence_name"]) == (settings.SITE_URL, "CC BY 4.0")
    assert about["data_version"] == str(manifest["data_version"])


def test_dataset_is_current_until_data_or_address_change(
    directory, settings, django_capture_on_commit_callbacks
):
    assert not dataset.is_current()
    with django_capture_on_commit_callbacks(execute=True):
        build(Company, "unitree")
    dataset.export(directory)
    assert dataset.is_current()
    settings.SITE_URL = "https://other.example"
    assert not dataset.is_current()
    settings.SITE_URL = "http://testserver"
    with django_capture_on_commit_callbacks(execute=True):
        build(Company, "deepseek")
    assert not dataset.is_current()


def test_package_promises_no_value_where_one_is_missing(directory):
    populate(2)
    dataset.export(directory)
    files = archive(directory)
    for resource in json.loads(files["datapackage.json"])["resources"]:
        if resource["format"] == "csv":
            required = [
                field["name"] for field in resource["schema"]["fields"] if field["constraints"]["required"]
            ]
            assert all(row[name] for row in csv_rows(files[resource["path"]]) for name in required)


def test_readme_says_what_the_package_holds(directory, settings):
    populate(1)
    manifest = dataset.export(directory)
    readme = archive(directory)["README.md"]
    assert settings.SITE_NAME in readme
    assert "creativecommons.org" in readme
    assert f"data version {manifest['data_version']}" in readme
    assert all(f"| {dataset.table_name(model)} | {rows_of(model)} |" in readme for model in RECORDS)


def test_command_exports_into_the_directory_of_the_settings(directory, capsys):
    build(Company, "unitree")
    call_command("export_dataset", directory=directory)
    lines = capsys.readouterr().out.splitlines()
    manifest = dataset.manifest()
    assert [line.split("  ")[0] for line in lines] == [file["sha256"] for file in manifest["files"]]
    # Nothing half-made is left beside the three files.
    assert {path.name for path in directory.iterdir()} == {"dataset.zip", "dataset.sqlite", "dataset.json"}


def test_export_asks_the_same_number_of_queries_for_more(directory):
    counted = []
    for number in (3, 30):
        for n in range(number):
            build_statement(build(Company, f"firm-{number}-{n}"))
        with CaptureQueriesContext(connection) as queries:
            dataset.export(directory)
        counted.append(len(queries))
    assert counted[0] == counted[1]
