"""Plain rows say what instances of the model say, in every column, and nothing else."""

import pytest
from django.db import connection

from ecosystem.columns import STATEMENT, TABLES, as_dict
from ecosystem.models import RECORDS, Company
from ecosystem.plain import Plan, plain_class, plan
from tests.builders import build, populate

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("model", RECORDS)
def test_plain_rows_say_what_instances_say(model):
    populate(3)
    build(Company, "hidden", state="draft", parent=Company.objects.first())
    Company.objects.filter(slug="company-1").get().subsidiaries.set(Company.objects.filter(slug="company-2"))
    instances = list(model.objects.published().for_export().order_by("-pk"))
    plain = list(plan(model, "for_export").in_order([row.pk for row in instances], 2))
    assert len(plain) == 3
    for instance, row in zip(instances, plain, strict=True):
        assert as_dict(TABLES[model], row) == as_dict(TABLES[model], instance)
        assert str(row) == str(instance)
        told = [as_dict(STATEMENT, statement) for statement in row.statements.all()]
        assert told == [as_dict(STATEMENT, statement) for statement in instance.statements.all()]
        assert told


def test_relation_that_leads_to_a_hidden_record_leads_nowhere():
    hidden = build(Company, "hidden", state="draft")
    build(Company, "seen", parent=hidden)
    [row] = plan(Company, "for_export", "slug").in_order(["seen", "hidden"])
    assert row.parent is None


def test_number_of_queries_follows_the_blocks_and_not_the_rows(django_assert_max_num_queries):
    keys = [row.pk for row in populate(6)["company"]]
    with django_assert_max_num_queries(12):
        assert len(list(plan(Company, "for_export").in_order(keys, 10))) == 6


def test_what_was_not_loaded_is_no_answer(django_assert_num_queries):
    populate(1)
    [row] = Plan(Company.objects.published()).in_order(Company.objects.values_list("pk", flat=True))
    with django_assert_num_queries(0), pytest.raises(AttributeError, match="place was not loaded"):
        row.place  # noqa: B018 -- reading it is the test
    assert not hasattr(plain_class(Company), "save")
    assert not hasattr(plain_class(Company), "objects")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="Only SQLite reads all rather than sort.")
@pytest.mark.parametrize("model", RECORDS)
def test_sources_are_found_by_what_cites_them(model):
    populate(30)
    keys = list(model.objects.values_list("pk", flat=True))
    prepared = plan(model, "for_export").relations[-2].args[1].prepared
    assert "ecosystem_source" in prepared.sql[0]
    asked = f"{', '.join(map(str, keys))}".join(prepared.sql)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(f"EXPLAIN QUERY PLAN {asked}", [*prepared.parameters[0], *prepared.parameters[1]])
        steps = [step for *_, step in cursor.fetchall()]
    assert not [step for step in steps if step.startswith("SCAN")]
