"""Tables in and out: faults told by row and column, all or nothing, and what went out comes back the same."""

import csv
import io
from datetime import datetime
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecosystem.admin import importing, table
from ecosystem.models import Breakthrough, Change, Company, Institution, Place, Sector, Source, Statement
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER
from tests.admin_pages import NAMESPACE, address, controls, errors, tree, words
from tests.builders import build, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db
TABLED = (Company, Breakthrough, Source, Statement)
each_table = pytest.mark.parametrize("model", TABLED)


@pytest.fixture
def editor(client):
    """The browser of a chief editor."""
    client.force_login(build_user(CHIEF_EDITOR))
    return client


def csv_file(*rows, name="table.csv"):
    """A file of these {column: cell}; the columns are those of the first."""
    text = io.StringIO()
    table = csv.DictWriter(text, rows[0])
    table.writeheader()
    table.writerows(rows)
    return SimpleUploadedFile(name, text.getvalue().encode())


def xlsx_file(headers, *rows):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (headers, *rows):
        book.active.append(row)
    book.save(file)
    return SimpleUploadedFile("table.xlsx", file.getvalue())


def day(*parts):
    """A day as spreadsheets hold it."""
    return datetime(*parts)  # noqa: DTZ001 -- it knows no zone


def dry_run(client, model, file, reason="Read again."):
    return client.post(address(model, "import"), {"import_file": file, "reason": reason})


def confirm(client, model, page, **more):
    return client.post(address(model, "process_import"), controls(page) | more, follow=True)


def bring(client, model, *rows):
    """Import these rows, both steps. Returns the last page."""
    return confirm(client, model, dry_run(client, model, csv_file(*rows)))


def complaints(page):
    """The table of faults: [(row, column, sentence)]."""
    if "Nothing is written yet." in words(page):
        return []
    boxes = [box for box in tree(page).iter(f"{NAMESPACE}div") if box.get("class") == "results"]
    rows = [row for box in boxes for body in box.iter(f"{NAMESPACE}tbody") for row in body]
    return [tuple(" ".join("".join(cell.itertext()).split()) for cell in row) for row in rows]


def company(n, **more):
    return {"slug": f"firm-{n}", "name": f"Firm {n}", "founded": "2016-07", "sectors": "ai|robotics"} | more


def vocabularies():
    return [build(Sector, slug) for slug in ("ai", "robotics")]


# The walk: two hundred rows, three of them bad


def test_two_hundred_rows_with_three_bad_ones(editor, django_capture_on_commit_callbacks):
    vocabularies()
    rows = [company(n) for n in range(200)]
    rows[3]["sectors"] = "ai|nosuch"
    rows[100]["founded"] = "July 2016"
    rows[199]["hub_link"] = "near"
    page = dry_run(editor, Company, csv_file(*[{"hub_link": "unknown", **row} for row in rows]))
    allowed = "headquarters, office, linked, unknown"
    assert complaints(page) == [
        ("5", "sectors", "There is no sector “nosuch”."),
        ("102", "founded", "Write a year, a month or a day: 2016, 2016-07 or 2016-07-09."),
        ("201", "hub_link", f"“near” is none of: {allowed}."),
    ]
    assert "3 of 200 rows have errors" in words(page)
    assert not Company.objects.exists()
    mended = [company(n) for n in range(200)]
    page = dry_run(editor, Company, csv_file(*mended))
    assert "200 new, 0 changed, 0 as before." in words(page)
    assert not Company.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        page = confirm(editor, Company, page)
    assert "Imported: 200 new, 0 changed, 0 as before." in words(page)
    assert Company.objects.filter(state="draft", founded="2016-07").count() == 200
    assert {sector.slug for sector in Company.objects.first().sectors.all()} == {"ai", "robotics"}
    assert Change.objects.filter(kind="company", reason="Read again.").count() == 200
    page = dry_run(editor, Company, csv_file(*mended))
    assert "0 new, 0 changed, 200 as before." in words(page)
    assert "confirm" not in controls(page)


def test_queries_of_a_dry_run_few_for_each_row(editor):
    """What the keys of a file name is read once, and constraints are asked by the write itself."""
    vocabularies()
    costs = []
    for number in (10, 20):
        file = csv_file(*[company(n) for n in range(number)])
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as queries:
            dry_run(editor, Company, file)
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in queries))
    assert (costs[1] - costs[0]) / 10 <= 4


# What is refused


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"name": ""}, ("name", "This cell must not be empty.")),
        ({"slug": "No Slug"}, ("slug", "Enter a valid “slug” consisting of letters, numbers, underscores")),
        ({"slug": ""}, ("slug", "This cell must not be empty.")),
        ({"slug": "a--b"}, ("", "The slug takes lower-case letters, digits and single hyphens only.")),
        ({"place": "atlantis"}, ("place", "There is no place “atlantis”.")),
        ({"sources": "a|b"}, ("sources", "There is no source “a”, “b”.")),
        ({"open_source": "maybe"}, ("open_source", "“maybe” is none of: true, false.")),
        ({"website": "nowhere"}, ("website", "Enter a valid URL.")),
        ({"published_at": "soon"}, ("published_at", "Write date and time: 2026-07-09 09:00.")),
        ({"state": "published"}, ("sources", "A published record needs at least one source")),
        ({"state": "public"}, ("state", "“public” is none of: draft, review, published, withdrawn.")),
        ({"state": "withdrawn"}, ("withdrawal_reason", "Say why")),
    ],
)
def test_company_refused_by_column(editor, cells, fault):
    vocabularies()
    found = complaints(dry_run(editor, Company, csv_file(company(1, **cells))))
    assert [(row, column) for row, column, _ in found if column == fault[0]] == [("2", fault[0])]
    assert any(column == fault[0] and sentence.startswith(fault[1]) for _, column, sentence in found)


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        ({"value": "12,5"}, ("value", "This is no number. Write it like 1234.5")),
        ({"value": "12"}, ("unit", "A number needs a unit")),
        ({"position": "first"}, ("position", "This is no whole number.")),
        ({"text": ""}, ("text", "Write a text")),
        ({"sources": ""}, ("sources", "Give at least one source")),
        ({"status": "corroborated"}, ("status", "These sources allow “reported” at most")),
        ({"status": "true"}, ("status", "“true” is none of: corroborated, reported, self-reported")),
        ({"status": "disputed"}, ("note", "Say who differs")),
        ({"company": ""}, ("", "A statement is about exactly one record.")),
        ({"hub": "home"}, ("hub", "There is no hub “home”.")),
        ({"draft": "x"}, ("draft", "“x” is none of: true, false.")),
        ({"reference": ""}, ("reference", "This cell must not be empty.")),
    ],
)
def test_statement_refused_by_column(editor, cells, fault):
    build(Company, "unitree", name="Unitree")
    build_source("press")
    row = {"reference": "r-1", "company": "unitree", "label": "Founded", "text": "2016", "sources": "press"}
    [(number, column, sentence)] = complaints(dry_run(editor, Statement, csv_file(row | cells)))
    assert (number, column) == ("2", fault[0])
    assert sentence.startswith(fault[1])


def test_statement_gets_the_status_that_its_sources_allow(editor):
    build(Company, "unitree", name="Unitree")
    build_source("own", origin="Unitree")
    row = {"reference": "r-1", "company": "unitree", "label": "Founded", "text": "2016", "sources": "own"}
    bring(editor, Statement, row)
    assert Statement.objects.get().status == "self-reported"


def test_namesake_refused(editor):
    build(Company, "unitree", name="Unitree")
    [fault] = complaints(dry_run(editor, Company, csv_file({"slug": "new", "name": "Unitree Inc."})))
    words = "This name is here already: Unitree. If it is another one, add it in the form."
    assert fault == ("2", "name", words)


def test_source_known_already_refused(editor):
    build_source("known", url="https://a.example/x", publisher="P", title="T")
    row = {"key": "k", "url": "http://www.a.example/x/", "title": "T", "publisher": "P", "language": "en"}
    [(_, column, sentence)] = complaints(dry_run(editor, Source, csv_file(row | {"kind": "news"})))
    assert column == "url"
    assert "This page is a source already: P: T." in sentence


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            {"slug": "a", "colour": "red"},
            "There is no column “colour”. The columns are: slug, name,",
        ),
        ({"name": "A"}, "The column “slug” is missing: it says which company a row is about."),
        ({"slug": "a", " slug": "a"}, "The column “slug” is there 2 times."),
    ],
)
def test_columns_checked(editor, row, sentence):
    page = dry_run(editor, Company, csv_file(row))
    assert [error.startswith(sentence) for error in errors(page)] == [True]
    assert "confirm" not in controls(page)


def test_key_in_two_rows_refused(editor):
    vocabularies()
    found = complaints(dry_run(editor, Company, csv_file(company(1), company(2), company(1))))
    assert found == [(row, "slug", "“firm-1” stands in more than one row.") for row in ("2", "4")]


def test_rows_capped(editor, monkeypatch):
    monkeypatch.setattr(table, "MOST_ROWS", 2)
    page = dry_run(editor, Company, csv_file(*[company(n) for n in range(3)]))
    assert errors(page) == ["The file has 3 rows. At most 2 go in at once."]


def test_size_capped(editor, monkeypatch):
    monkeypatch.setattr(importing, "MOST_BYTES", 10)
    assert errors(dry_run(editor, Company, csv_file(company(1)))) == ["This file is larger than 0 MB."]


def with_part(name, content):
    """A spreadsheet one of whose parts was written by somebody who means harm."""
    harmless, file = ZipFile(xlsx_file(["slug"], ["a"])), io.BytesIO()
    with harmless, ZipFile(file, "w", ZIP_DEFLATED) as harmful:
        for part in harmless.namelist():
            harmful.writestr(part, content if part == name else harmless.read(part))
    return SimpleUploadedFile("table.xlsx", file.getvalue())


def sheet(rows):
    """The first sheet's part, which says that it is one cell."""
    start = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return with_part(
        "xl/worksheets/sheet1.xml",
        f'{start}<dimension ref="A1"/><sheetData>{rows}</sheetData></worksheet>',
    )


@pytest.mark.parametrize(
    ("file", "complaint"),
    [
        (lambda: with_part("xl/theme/theme1.xml", b"x" * 20_000_000), "Unpacked, this file is too large."),
        (lambda: with_part("xl/styles.xml", b"x" * 1_000_001), "Unpacked, this file is too large."),
        (lambda: sheet('<row r="1000001"/>'), "The first sheet has more than 1,000,000 cells"),
        (lambda: sheet('<row><c r="XFD1"/></row>' * 62), "The first sheet has more than 1,000,000 cells"),
        (lambda: sheet("<row><c><v>1</v></c></row>" * 9), "There is no column “1”."),
        (lambda: sheet(""), "This file cannot be read."),
    ],
    ids=["unpacked", "styles", "long", "wide", "a lie about its size", "blank"],
)
def test_spreadsheet_that_unpacks_to_more_than_a_table_refused(editor, file, complaint):
    """Each is smaller than 30 kilobytes."""
    [error] = errors(dry_run(editor, Company, file()))
    assert error.startswith(complaint)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", b"slug\n\xff\xfe"),
        ("a.xlsx", b"slug\na"),
        ("a.csv", b'slug,name\n"a'),
        ("a.csv", b"slug,name\na,b,c"),
        ("a.csv", b"slug\n"),
        ("a.txt", b"slug\na"),
    ],
)
def test_file_that_is_no_table_refused(editor, name, content):
    page = dry_run(editor, Company, SimpleUploadedFile(name, content))
    assert len(errors(page) or complaints(page)) == 1
    assert not Company.objects.exists()


def test_form_without_file_or_reason(editor):
    page = editor.post(address(Company, "import"), {"resource": "0"})
    assert errors(page) == ["This field is required."] * 2
    assert len(errors(dry_run(editor, Company, csv_file(company(1)), reason="x" * 400))) == 1


# What readers see


def test_published_record_without_evidence_refused(editor):
    build_source("press")
    row = {"slug": "a", "name": "A", "summary": "A firm.", "sources": "press", "founded": "2016"}
    draft = csv_file({**row, "state": "draft"})
    assert complaints(dry_run(editor, Company, draft)) == []
    [(number, column, sentence)] = complaints(
        dry_run(editor, Company, csv_file({**row, "state": "published"}))
    )
    assert (number, column) == ("2", "founded")
    assert "no statement supports it" in sentence
    assert not Company.objects.exists()


def test_statement_that_contradicts_a_published_record_refused(editor):
    firm = build(Company, "a", founded="2016", hub_link="unknown", many={"sources": [build_source("press")]})
    said = build_statement(firm, firm.sources.all(), reference="r-1", text="2016", date="2016")
    row = {"reference": "r-1", "text": "2017", "date": "2017"}
    [(number, column, sentence)] = complaints(dry_run(editor, Statement, csv_file(row)))
    assert (number, column) == ("2", "reference")
    assert "contradicts" in sentence
    said.refresh_from_db()
    assert said.date == "2016"


def test_fault_that_was_there_before_stops_no_import(editor):
    build(Company, "a", founded="2016", many={"sources": [build_source("press")]})
    assert complaints(dry_run(editor, Company, csv_file({"slug": "a", "name": "New"}))) == []


# All or nothing


def test_confirmed_file_that_fits_no_more_writes_nothing(editor):
    vocabularies()
    page = dry_run(editor, Company, csv_file(company(1), company(2, sectors="robotics")))
    Sector.objects.get(slug="ai").delete()
    page = confirm(editor, Company, page)
    assert complaints(page) == [("2", "sectors", "There is no sector “ai”.")]
    assert not Company.objects.exists()
    assert not LogEntry.objects.exists()


def test_confirmed_file_that_is_no_longer_kept(editor):
    vocabularies()
    page = dry_run(editor, Company, csv_file(company(1)))
    cache.clear()
    assert "The file is no longer kept. Nothing was written" in words(confirm(editor, Company, page))


@pytest.mark.parametrize("sent", [{}, {"format": "9"}, {"reason": ""}])
def test_confirmation_that_was_tampered_with(editor, sent):
    vocabularies()
    page = dry_run(editor, Company, csv_file(company(1)))
    data = controls(page) | sent if sent else {}
    assert editor.post(address(Company, "process_import"), data).status_code == 200
    assert not Company.objects.exists()


# What stays, what changes


def test_columns_left_out_stay(editor):
    vocabularies()
    source = build_source("press")
    firm = build(Company, "firm-1", name="Old", body="Text.", many={"sources": [source]})
    page = dry_run(editor, Company, csv_file({"slug": "firm-1", "name": "New"}))
    assert "Changed: name" in words(page)
    confirm(editor, Company, page)
    firm.refresh_from_db()
    assert (firm.name, firm.body, firm.state, list(firm.sources.all())) == (
        "New",
        "Text.",
        "published",
        [source],
    )
    assert "Imported: Read again." in LogEntry.objects.get().change_message


def test_row_may_name_a_row_before_it(editor):
    bring(
        editor,
        Company,
        {"slug": "group", "name": "Group", "parent": ""},
        {"slug": "a", "name": "A", "parent": "group"},
    )
    assert Company.objects.get(slug="a").parent.slug == "group"


def test_number_written_otherwise_is_no_change(editor):
    said = build_statement(build(Company), value=380, unit="people", reference="r-1")
    row = {"reference": "r-1", "value": "380.00", "sources": said.sources.get().key}
    assert "0 new, 0 changed, 1 as before." in words(dry_run(editor, Statement, csv_file(row)))


def test_spreadsheet_with_typed_cells(editor):
    build(Company, "unitree")
    build_source("press")
    headers = ["reference", "company", "label", "text", "value", "unit", "date", "draft", "sources", None]
    row = ["r-1", "unitree", "Staff", None, 500.0, "people", day(2026, 7, 9), True, "press", None]
    page = dry_run(editor, Statement, xlsx_file(headers, row, [None] * 10))
    confirm(editor, Statement, page)
    said = Statement.objects.get()
    assert (said.value, said.date, said.draft) == (500, "2026-07-09", True)


def test_spreadsheet_that_made_a_month_a_day(editor):
    page = dry_run(editor, Company, xlsx_file(["slug", "name", "founded"], ["a", "A", day(2016, 7, 1)]))
    [(row, column, sentence)] = complaints(page)
    assert (row, column) == ("2", "founded")
    assert sentence.startswith("The spreadsheet holds the day 2016-07-01")


# Out, and back again


def export(client, model, kind="csv", **query):
    formats = {"csv": "0", "xlsx": "1"}
    url = address(model, "export") + "?" + "&".join(f"{name}={value}" for name, value in query.items())
    return client.post(url, {"format": formats[kind], "resource": "0"})


def exported(client, model, **query):
    text = export(client, model, **query).content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


FORMULAS = ["=1+1", "+1", "-1", "@x", "'=1", "''+1", "'quoted'", "＝1"]


def everything():
    """A row of each table, with texts that a spreadsheet would run."""
    sector, source = build(Sector, "ai"), build_source("press", title="=cmd|' /C calc'!A0")
    names = "\n".join(FORMULAS)
    texts = {"name": "=A", "name_zh": "甲", "other_names": f"Old\n{names}", "body": "One.\n\nTwo, “three”."}
    many = {"sources": [source], "sectors": [sector]}
    firm = build(
        Company, "a", founded="2016-07", place=build(Place, "p"), open_source=False, many=many, **texts
    )
    build(Company, "b", parent=firm, state="draft", published_at=None, many={"sources": [source]})
    many = {"sources": [source], "companies": [firm], "institutions": [build(Institution, "i")]}
    build(Breakthrough, "c", date="2020", many=many)
    for n, text in enumerate(FORMULAS):
        build_statement(firm, [source], reference=f"r-{n}", text=text, value="-1.5", unit="none")


@each_table
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_went_out_comes_back_unchanged(editor, model, kind):
    everything()
    file = export(editor, model, kind)
    page = dry_run(editor, model, SimpleUploadedFile(f"t.{kind}", file.content))
    assert complaints(page) == []
    assert f"0 new, 0 changed, {model.objects.count()} as before." in words(page)


def test_what_went_out_makes_the_same_again(editor):
    everything()
    firm = Company.objects.get(slug="a")
    firm.state = "draft"
    firm.save()
    firms, said = exported(editor, Company), exported(editor, Statement)
    Breakthrough.objects.all().delete()
    Statement.objects.all().delete()
    Company.objects.get(slug="b").delete()
    Company.objects.get(slug="a").delete()
    bring(editor, Company, *firms)
    bring(editor, Statement, *said)
    assert (exported(editor, Company), exported(editor, Statement)) == (firms, said)


@each_table
def test_no_cell_goes_out_as_a_formula(editor, model):
    everything()
    cells = [cell for row in exported(editor, model) for cell in row.values()]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝"))]
    book = openpyxl.load_workbook(io.BytesIO(export(editor, model, "xlsx").content))
    assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}


def test_export_of_the_filtered_list(editor):
    everything()
    assert [row["slug"] for row in exported(editor, Company, state="draft")] == ["b"]
    assert [row["slug"] for row in exported(editor, Company, q="甲")] == ["a"]


@each_table
def test_queries_of_an_export_flat(editor, model):
    everything()

    def cost():
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as queries:
            export(editor, model)
        return len(queries)

    before = cost()
    for _ in range(5):
        firm = build(Company, parent=Company.objects.first(), many={"sources": [build_source()]})
        build_statement(firm)
        build(Breakthrough, many={"companies": [firm]})
    assert cost() == before


# Who may


@each_table
@pytest.mark.parametrize("role", [AUTHOR, REVIEWER])
def test_tables_closed_to_other_roles(client, model, role):
    client.force_login(build_user(role))
    for page in ("import", "export"):
        assert client.get(address(model, page)).status_code == 403
        assert client.post(address(model, page), {}).status_code == 403
    assert client.post(address(model, "process_import"), {}).status_code == 403
    assert "import/" not in client.get(address(model, "changelist")).content.decode()


@each_table
def test_tables_offered_to_chief_editor(editor, model):
    page = editor.get(address(model, "changelist")).content.decode()
    assert "import/" in page
    assert "export/" in page


def test_import_without_the_right_to_publish(client):
    """A group of one's own may import drafts; what readers see stays out of its reach."""
    user = build_user(AUTHOR)
    user.user_permissions.add(Permission.objects.get(codename="import_company"))
    client.force_login(user)
    seen = build(Company, "seen", name="Seen")
    rows = (
        {"slug": "seen", "name": "Other", "state": "published"},
        {"slug": "new", "name": "N", "state": "published"},
    )
    found = complaints(dry_run(client, Company, csv_file(*rows)))
    assert found == [
        ("2", "slug", "You may not change this company: readers see it."),
        ("3", "state", "You may not publish: write draft or review."),
    ]
    bring(client, Company, {"slug": "new", "name": "N", "state": "draft"})
    assert Company.objects.get(slug="new").state == "draft"
    seen.refresh_from_db()
    assert seen.name == "Seen"


def test_import_publishes_nothing_under_the_two_person_rule(client, settings):
    settings.TWO_PERSON_RULE = True
    client.force_login(build_user(CHIEF_EDITOR))
    fields = {"hub_link": "unknown", "many": {"sources": [build_source("s")]}}
    build(Company, "draft", state="draft", **fields), build(Company, "seen", **fields)
    rows = [{"slug": slug, "name": "N", "state": "published"} for slug in ("draft", "new", "seen")]
    found = complaints(dry_run(client, Company, csv_file(*rows)))
    words = "You may not publish: write draft or review."
    assert [entry for entry in found if entry[1] == "state"] == [("2", "state", words), ("3", "state", words)]


@each_table
@pytest.mark.parametrize("page", ["import", "export"])
def test_own_inline_code_absent(editor, model, page):
    for element in tree(editor.get(address(model, page))).iter():
        assert not {name for name in element.attrib if name.startswith("on") or name == "style"}
        assert element.tag != NAMESPACE + "style"
        assert element.tag != NAMESPACE + "script" or element.get("src")
