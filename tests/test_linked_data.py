import json
import re

import pytest

from ecosystem.models import Company
from tests.builders import build

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


def test_linked_data_of_a_filtered_list_is_left_out(client):
    assert blocks(client, "/companies/?evidence=disputed") == {}


def test_linked_data_cannot_be_ended_by_a_text(client):
    build(Company, "evil", name="</script><script>alert(1)</script>")
    page = client.get("/companies/evil/").content.decode()
    assert "<script>alert" not in page
    assert blocks(client, "/companies/evil/")["Organization"]["name"].startswith("</script>")
