import json
import re

import pytest
from django.core.management import call_command

from ecosystem.models import Company
from tests.builders import build, populate
from tests.pages import DETAILED, LISTED, address

pytestmark = pytest.mark.django_db
BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.S)


def blocks(client, address):
    return {
        block["@type"]: block
        for block in map(json.loads, BLOCK.findall(client.get(address).content.decode()))
    }


def test_linked_data_of_a_company_names_what_is_known(client):
    build(Company, "unitree", name="Unitree", name_zh="宇树科技", founded="2016-08", ticker="")
    organization = blocks(client, "/companies/unitree/")["Organization"]
    assert organization["foundingDate"] == "2016-08"
    assert organization["alternateName"] == ["宇树科技"]
    assert "tickerSymbol" not in organization


def test_linked_data_hides_a_parent_that_is_not_public(client):
    build(Company, "child", parent=build(Company, "secret", state="draft"))
    assert "parentOrganization" not in blocks(client, "/companies/child/")["Organization"]


def test_linked_data_breadcrumbs_lead_to_the_record(client):
    build(Company, "unitree", name="Unitree")
    steps = blocks(client, "/companies/unitree/")["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == ["Home", "Companies", "Unitree"]
    assert steps[-1]["item"] == "http://testserver/companies/unitree/"


def test_linked_data_of_a_list_is_a_dataset_with_formats_that_answer(client):
    dataset = blocks(client, "/companies/")["Dataset"]
    for download in dataset["distribution"]:
        response = client.get(download["contentUrl"].removeprefix("http://testserver"))
        assert response["Content-Type"].startswith(download["encodingFormat"])


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("sector", ["Home", "Sectors", "Sector 0"]),
        ("place", ["Home", "Places", "Place 0", "Place 1"]),
        ("source", ["Home", "Sources", "Title of source-0"]),
    ],
)
def test_linked_data_breadcrumbs_lead_to_what_is_no_record(client, kind, names):
    rows = populate(2)
    row = rows[kind][kind == "place"]
    steps = blocks(client, row.get_absolute_url())["BreadcrumbList"]["itemListElement"]
    assert [step["name"] for step in steps] == names
    assert steps[-1]["item"] == f"http://testserver{row.get_absolute_url()}"


def test_linked_data_of_the_whole_names_the_files_of_the_export(client, settings, tmp_path):
    settings.DATASET_DIR = tmp_path
    assert blocks(client, "/data/") == {}
    populate(1)
    call_command("export_dataset", verbosity=0)
    [download, *others] = blocks(client, "/data/")["Dataset"]["distribution"]
    assert others
    response = client.get(download["contentUrl"].removeprefix("http://testserver"))
    response.close()
    assert response["Content-Type"] == download["encodingFormat"]


def test_linked_data_of_a_filtered_list_is_left_out(client):
    assert blocks(client, "/companies/?evidence=disputed") == {}


def test_linked_data_cannot_be_ended_by_a_text(client):
    build(Company, "evil", name="</script><script>alert(1)</script>")
    page = client.get("/companies/evil/").content.decode()
    assert "<script>alert" not in page
    assert blocks(client, "/companies/evil/")["Organization"]["name"].startswith("</script>")


# What schema.org allows on the types that pages use, and what Google asks of them at least.
ALLOWED = {
    "ListItem": {"position", "name", "item"},
    "BreadcrumbList": {"itemListElement"},
    "Organization": {
        *("name", "alternateName", "legalName", "description", "foundingDate", "url", "location"),
        *("mainEntityOfPage", "parentOrganization"),
    },
    "Dataset": {"name", "description", "url", "license", "creator", "distribution"},
    "DataDownload": {"encodingFormat", "contentUrl"},
}
ALLOWED["Corporation"] = ALLOWED["Organization"] | {"tickerSymbol"}
REQUIRED = {
    "ListItem": {"position", "name", "item"},
    "Dataset": {"name", "description", "license", "distribution"},
    "DataDownload": {"contentUrl", "encodingFormat"},
}


def things(value):
    """Every object with a type in a block, at any depth."""
    for part in value if isinstance(value, list) else [value]:
        if isinstance(part, dict):
            yield part
            for inner in part.values():
                yield from things(inner)


def test_linked_data_uses_types_and_properties_that_exist(client):
    rows = populate(1)
    build(Company, "listed", ticker="688001", parent=rows["company"][0], founded="2016-07-09")
    pages = [*(address(noun) for noun in LISTED), "/companies/listed/"]
    pages += [rows[noun][0].get_absolute_url() for noun in DETAILED]
    met = set()
    for page in pages:
        for block in blocks(client, page).values():
            assert block["@context"] == "https://schema.org"
            for thing in things(block):
                kind = thing["@type"]
                given = thing.keys() - {"@type", "@context"}
                assert REQUIRED.get(kind, {"name"} & ALLOWED[kind]) <= given <= ALLOWED[kind], page
                assert kind != "Dataset" or 50 <= len(thing["description"]) <= 5000, page
                met.add(kind)
    assert met == ALLOWED.keys()
