"""Each rule fails where it should, and nothing is found where content is sound."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ecosystem.content import Content
from ecosystem.content_checks import COLUMNS, RULES, faults, findings, idle_source
from ecosystem.models import Breakthrough, Challenge, Collection, Company, Hub, Institution, Place, Source
from tests.builders import build, build_source, build_statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def source():
    return build_source("press")


@pytest.fixture
def firm(source):
    """A public company whose only column, `hub_link`, has a statement."""
    company = build(Company, "firm", many={"sources": [source]})
    say(company, key="legal-name", text="Hangzhou Firm Co., Ltd.")
    return company


def say(subject, sources=None, **fields):
    """A statement about a record, resting on the source that the record has."""
    defaults = {"reference": f"s-{subject.statements.count() + 1}-{subject.slug}"}
    return build_statement(subject, sources or list(subject.sources.all()), **{**defaults, **fields})


def fill(company, **columns):
    for name, value in columns.items():
        setattr(company, name, value)
    company.save()


def found():
    """What the rules find: {(rule, where)}, and the sentences."""
    return {(finding.rule, finding.where): finding.what for finding in findings(Content())}


def test_findings_clean(firm):
    assert found() == {}


def test_rules_each_with_a_test():
    """A rule without a test that makes it fail would not be known to work."""
    tested = {name.removeprefix("test_").split("_reports_")[0] for name in globals() if "_reports_" in name}
    assert tested == {rule.__name__ for rule in (*RULES, idle_source)}


def test_without_source_reports_statement(firm):
    say(firm, reference="bare", label="Age", text="Old").sources.clear()
    assert set(found()) == {("without source", "statement bare")}


def test_without_source_reports_prose(firm):
    firm.sources.clear()
    assert found() == {("without source", "company firm"): "sources: none stands behind the text"}


def test_without_summary_reports_record(firm):
    fill(firm, summary="")
    assert found() == {("without summary", "company firm"): "summary: missing"}


def test_status_too_strong_reports_mirrors(firm):
    mirror = build_source("mirror", origin="Publisher of press")
    say(firm, [*firm.sources.all(), mirror], reference="mirrored", key="age", status="corroborated")
    assert set(found()) == {("status too strong", "statement mirrored")}


def test_status_too_strong_reports_own_word(firm):
    say(firm, [build_source(origin="Firm Inc.")], reference="own", key="age", status="reported")
    assert set(found()) == {("status too strong", "statement own")}


def test_status_too_strong_accepts_two_origins(firm):
    say(firm, [*firm.sources.all(), build_source("other")], key="age", status="corroborated")
    assert found() == {}


# A value of each column, a statement that agrees with it and one that does not.
SAYING = {
    "founded": ("2016-08", {"text": "2016", "date": "2016"}, {"text": "2017", "date": "2017"}),
    "headquarters_city": ("Hangzhou", {"text": "Hangzhou, near the lake"}, {"text": "Beijing"}),
    "ownership": ("subsidiary", {"text": "Subsidiary"}, {"text": "Private"}),
    "exchange": ("NYSE", {"text": "NYSE: ABC"}, None),
    "ticker": ("ABC; 99", {"text": "NYSE: ABC; HKEX: 99"}, {"text": "NYSE: ABD"}),
    "website": ("https://a.example/", {"text": "https://a.example"}, {"text": "https://b.example"}),
    "size_band": ("50-249", {"value": 249, "unit": "people"}, {"value": 250, "unit": "people"}),
    "open_source": (True, {"text": "Weights are open"}, {"text": "No code is published"}),
}
KEYS = {name: column.keys[0] for name, column in COLUMNS.items()}


@pytest.mark.parametrize("name", SAYING)
def test_column_without_statement_reports_columns(firm, name):
    fill(firm, **{name: SAYING[name][0]})
    assert set(found()) == {("column without statement", "company firm")}


@pytest.mark.parametrize("fields", [{"status": "unsupported"}, {"draft": True}, {"kind": "check"}])
def test_column_without_statement_reports_lack_of_proof(firm, fields):
    fill(firm, website="https://a.example")
    say(firm, key="website", text="https://b.example", **fields)
    assert set(found()) == {("column without statement", "company firm")}


def test_column_without_statement_accepts_funding_for_private(firm):
    fill(firm, ownership="private")
    say(firm, kind="funding", key="series-a")
    assert found() == {}


@pytest.mark.parametrize("name", SAYING)
def test_column_contradicted_accepts_agreement(firm, name):
    value, agreeing, _ = SAYING[name]
    fill(firm, **{name: value})
    say(firm, key=KEYS[name], **agreeing)
    assert found() == {}


@pytest.mark.parametrize("name", [name for name in SAYING if SAYING[name][2]])
def test_column_contradicted_reports_columns(firm, name):
    value, agreeing, contrary = SAYING[name]
    fill(firm, **{name: value})
    say(firm, key=KEYS[name], date=agreeing.get("date"), **{k: v for k, v in agreeing.items() if k != "date"})
    say(firm, key=KEYS[name], **{"date": "2020", **contrary})
    assert set(found()) == {("column contradicted", "company firm")}


@pytest.mark.parametrize(("text", "clean"), [("Binjiang, 1 River Road", True), ("Yuhang", False)])
def test_column_contradicted_reports_places(firm, text, clean):
    city = build(Place, "hangzhou", kind="city")
    park = build(Place, "park", kind="park", parent=build(Place, "binjiang", parent=city))
    fill(firm, place=park)
    say(firm, key="place", text=text)
    assert (found() == {}) is clean


@pytest.mark.parametrize(("text", "clean"), [("Group AG, with 48%", True), ("Another", False)])
def test_column_contradicted_reports_parents(firm, text, clean):
    fill(firm, parent=build(Company, name="Group", hub_link="unknown", many={"sources": firm.sources.all()}))
    say(firm, key="parent", text=text)
    assert (found() == {}) is clean


def test_column_contradicted_reads_the_latest_size(firm):
    fill(firm, size_band="under-50")
    say(firm, key="employees", value=900, unit="people", date="2025")
    say(firm, key="employees", value=40, unit="people", date="2026-01")
    assert found() == {}


@pytest.mark.parametrize(("year", "clean"), [("2019", True), ("2020", False)])
def test_column_contradicted_reports_no_rival(firm, year, clean):
    fill(firm, founded=year)
    say(firm, date="2019", status="disputed")
    say(firm, date="2023-07", status="disputed")
    assert (found() == {}) is clean


def test_unsupported_but_counted_reports_column(firm):
    fill(firm, headquarters_city="Hangzhou")
    say(firm, key="hub-link", text="An office")
    say(firm, key="headquarters-city", kind="check", text="It is a Hangzhou firm.", status="unsupported")
    assert [rule for rule, _ in found()] == ["unsupported but counted"]


def test_unsupported_but_counted_reports_same_words(firm):
    say(firm, reference="claim", kind="check", key="", text="It leads.", status="unsupported")
    say(firm, key="", text="it leads.")
    assert set(found()) == {("unsupported but counted", "statement claim")}


def test_unsupported_but_counted_accepts_what_else_is_known(firm):
    fill(firm, founded="2016")
    say(firm, date="2016")
    say(firm, kind="check", text="It was founded in 2016.", date="2016", status="unsupported")
    assert found() == {}


@pytest.mark.parametrize(
    "link", ["/companies/gone/", "/companies/draft/", "/nowhere/", "#s-gone", "/companies/firm/#s-gone"]
)
def test_dead_reference_reports_links(firm, link):
    build(Company, "draft", state="draft")
    fill(firm, body=f"See [it]({link}).")
    assert set(found()) == {("dead reference", "company firm")}


@pytest.mark.parametrize(
    "link", ["/companies/firm/", "#s-1-firm", "/method/", "/sources/press/", "https://a.example"]
)
def test_dead_reference_accepts_links(firm, link):
    fill(firm, body=f"See [it]({link}).")
    assert found() == {}


def test_dead_reference_reports_notes(firm):
    say(firm, reference="noted", key="age", note="See [it](/companies/gone/).")
    assert set(found()) == {("dead reference", "statement noted")}


@pytest.mark.parametrize("model", [Breakthrough, Challenge, Collection])
def test_dead_reference_reports_hidden_companies(source, model):
    many = {"sources": [source], "companies": [build(Company, state="draft")]}
    build(model, "lone", many=many)
    assert {where.split()[-1] for _, where in found()} == {"lone"}


def test_dead_reference_accepts_one_that_is_seen(source):
    lab = build(Institution, many={"sources": [source]})
    many = {"sources": [source], "companies": [build(Company, state="draft")], "institutions": [lab]}
    build(Breakthrough, many=many)
    assert found() == {}


@pytest.mark.parametrize("fields", [{"name": ""}, {"ownership": "hereditary"}, {"website": "a b"}])
def test_invalid_field_reports_records(firm, fields):
    Company.objects.filter(pk=firm.pk).update(**fields)
    assert ("invalid field", "company firm") in found()


def test_invalid_field_reports_long_text(firm):
    say(firm, reference="long", key="age", text="x" * 1001)
    assert found() == {("invalid field", "statement long"): "text: is longer than 1000 characters"}


def test_long_summary_reports_third_sentence(firm):
    fill(firm, summary="It makes robots. It sells them. It repairs them.")
    assert set(found()) == {("long summary", "company firm")}


@pytest.mark.parametrize("is_home", [True, False])
def test_long_opening_reports_fourth_sentence_on_the_first_page(source, is_home):
    fields = {"is_home": is_home, "many": {"sources": [source]}}
    hub = build(Hub, "city", summary="It is a city.", body="It is old. It is new.\n\nIt is large.", **fields)
    assert found() == {}
    fill(hub, body="It is old. It is new. It is large.")
    assert set(found()) == ({("long opening", "hub city")} if is_home else set())


def test_idle_source_reports_unused(firm):
    build_source("idle")
    assert found() == {("idle source", "source idle"): "is used by nothing"}


def test_foreign_scheme_reports_sources(firm, source):
    Source.objects.filter(pk=source.pk).update(url="ftp://example.org/file")
    assert ("foreign scheme", "source press") in found()


def test_foreign_scheme_reports_links(firm):
    fill(firm, body="[Run](javascript:alert), [write](mailto:a@example.org)")
    assert found() == {("foreign scheme", "company firm"): "body: javascript:alert is no web address"}


def test_findings_spare_what_is_not_public(source):
    later = timezone.now() + timedelta(days=1)
    for fields in ({"state": "draft"}, {"state": "withdrawn"}, {"published_at": later}):
        build_statement(build(Company, **fields), sources=[])
    build_statement(build(Company, hub_link="unknown", many={"sources": [source]}), sources=[], draft=True)
    assert found() == {}


def queries():
    with CaptureQueriesContext(connection) as log:
        list(findings(Content()))
    return len(log)


def test_content_queries_stay_flat(firm, source):
    before = queries()
    for _ in range(5):
        company = build(Company, place=build(Place), many={"sources": [source]})
        say(company, key="place", text="Here")
    assert queries() == before


def test_check_content_clean(firm, capsys):
    call_command("check_content")
    assert capsys.readouterr().out == "1 records, 1 statements, 1 sources checked: no finding\n"


def test_check_content_lists_findings(firm, capsys):
    build_source("idle")
    with pytest.raises(CommandError, match=r"2 sources checked: 1 finding$"):
        call_command("check_content")
    assert capsys.readouterr().out == "idle source: source idle: is used by nothing\n"


# The same rules, asked of records that readers do not see yet


def wrong(record):
    return [
        (fault.row, fault.field) for fault in faults(type(record).objects.filter(pk=record.pk))[record.pk]
    ]


def test_faults_of_draft_are_those_of_its_publication(firm):
    firm.state, firm.summary, firm.founded = "draft", "", "2016"
    firm.save()
    bare = say(firm, key="founded", text="2016", date="2016")
    bare.sources.clear()
    assert found() == {}
    assert wrong(firm) == [(firm, "summary"), (bare, "sources")]
    bare.draft = True
    bare.save()
    assert wrong(firm) == [(firm, "summary"), (firm, "founded")]


def test_faults_name_each_required_field():
    challenge = build(Challenge, state="draft", severity="", severity_reason="", trend_reason="")
    assert {field for _, field in wrong(challenge)} == {
        "severity",
        "severity_reason",
        "trend_reason",
        "sources",
    }


def test_faults_of_links_know_what_readers_see(firm, source):
    draft = build(Company, "hidden", state="draft")
    there = say(build(Company, "seen", many={"sources": [source]}), [source])
    links = {
        "/companies/seen/": True,
        f"/companies/seen/#{there.reference}": True,
        "/companies/firm/": True,
        f"#{firm.statements.get().reference}": True,
        "/companies/hidden/": False,
        "/companies/seen/#s-none": False,
        "/changes/1/": False,
    }
    firm.state = "draft"
    for link, leads in links.items():
        fill(firm, body=f"[There]({link})")
        assert (wrong(firm) == []) is leads, link
    names_hidden = build(Collection, state="draft", many={"companies": [draft], "sources": [source]})
    assert wrong(names_hidden) == [(names_hidden, "companies")]
    names_hidden.companies.add(there.company)
    assert wrong(names_hidden) == []


def test_faults_take_as_many_queries_for_many(source, django_assert_num_queries):
    for slug in "abc":
        say(build(Company, slug, state="draft", many={"sources": [source]}), [source])
    with CaptureQueriesContext(connection) as few:
        faults(Company.objects.filter(slug="a"))
    with django_assert_num_queries(len(few)):
        assert len(faults(Company.objects.all())) == 3
