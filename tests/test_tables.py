"""Rows of tables say in every column what instances of the model say."""

import pytest

from ecosystem.columns import TABLES, as_dict
from ecosystem.models import RECORDS, Company
from ecosystem.tables import table
from tests.builders import build, build_source, build_statement, populate

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", RECORDS)
def test_rows_of_a_table_say_what_instances_say(model):
    populate(3)
    columns = [column for column in TABLES[model] if column.name != "body"]
    instances = list(model.objects.published().for_export().order_by("-pk"))
    rows = list(table(model).in_order([row.pk for row in instances], 2))
    assert len(rows) == 3
    for instance, row in zip(instances, rows, strict=True):
        assert as_dict(columns, row) == as_dict(columns, instance)
        assert row.statuses


def test_statements_are_counted_and_their_sources_cited_once():
    first, second, prose = (build_source(key, publisher=key) for key in ("a", "b", "c"))
    company = build(Company)
    company.sources.set([prose, second])
    build_statement(company, [second, first], status="corroborated")
    build_statement(company, [], status="disputed", label="Without")
    build_statement(company, [first], draft=True, label="Held back")
    [row] = table(Company).in_order([company.pk])
    assert row.statuses == ["corroborated", "disputed"]
    assert list(row.cited) == [second.url, prose.url, first.url]


def test_number_of_queries_follows_the_blocks_and_not_the_rows(django_assert_num_queries):
    keys = [row.pk for row in populate(6)["company"]]
    list(table(Company).in_order(keys, 10))
    with django_assert_num_queries(6):
        assert len(list(table(Company).in_order(keys, 10))) == 6
