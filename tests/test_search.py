"""An index that follows every commit, and finds in an order that is clear."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ecosystem.models import (
    RECORDS,
    Breakthrough,
    Company,
    Place,
    SearchEntry,
    Sector,
    Source,
)
from ecosystem.search import (
    MOST_TOKENS,
    SEARCHED,
    asked,
    entry_of,
    finds_anything,
    index,
    matching,
    near_names,
    ranked,
    reindex,
)
from tests.builders import build, build_source, build_statement

LIMITS = dict.fromkeys(SEARCHED, 5)
db = pytest.mark.django_db


def found(text, model=Company):
    return sorted(row.slug for row in matching(model.objects.published(), text))


def order(text, model=Company):
    return next([row.slug for row in rows] for group, _, rows in ranked(text, LIMITS) if group is model)


def test_asked_drops_doubles_and_long_tails():
    assert len(asked("robot " * 20)) == 1
    assert sum(map(len, asked("ﷺ宇树a1" * 5000))) <= 400


@db
@pytest.mark.parametrize(
    "query",
    [
        "unitree",
        "UNITR",
        "ｕｎｉｔｒｅｅ",
        "宇树",
        "宇树科",
        "宇",
        "技",
        "树科技",
        "robotics unitree",
        "yushu",
        "yǔshù",
        "旧名",
        "hangzhou yushu",
        "688000",
        "h1",
        "h-1",
        "four legged",
        "four-legged",
        "13,552",
    ],
)
def test_matching_finds_names_spellings_and_texts(query):
    build(
        Company,
        "unitree",
        name="Unitree Robotics",
        name_zh="宇树科技",
        legal_name="Hangzhou Yushu Ltd",
        other_names="Yushu\n旧名",
        ticker="688000",
        summary="Four-legged H1 robots at 13,552 yuan.",
    )
    build(Company, "other", name="Another", name_zh="别的")
    reindex()
    assert found(query) == ["unitree"]


@db
@pytest.mark.parametrize(
    "query",
    [
        "宇科",
        "树宇",
        "nitree",
        "robotics ltd unitree zzz",
        "科技 旧",
        "科技旧",
        "fieldend",
        "zname",
        "zfield",
    ],
)
def test_matching_needs_every_word_from_its_start(query):
    build(Company, "unitree", name="Unitree Robotics", name_zh="宇树科技", other_names="名")
    reindex()
    assert found(query) == []


HOSTILE = [
    '"',
    "'",
    "*",
    "(",
    ")",
    "%",
    "@",
    "_",
    " ",
    "\\",
    ":",
    "&",
    "|",
    "!",
    "<->",
    "a:*",
    "title:a",
    "NEAR(a b)",
    "a AND OR (",
    'c++ "x',
    "🙂",
    "%s %(match)s",
    "\x00",
    "a" * 5000,
    "宇" * 5000,
    "ﷺ" * 200,
    " ".join("abcdefghijklmnopqrstuvwxyz0123456789") * 3,
    "-a",
    "a -b",
    "^a",
    "{a}",
    "\ud800",
]


@db
@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_query_is_only_a_query(query):
    build(Company)
    reindex()
    assert found(query) in ([], [Company.objects.get().slug])
    assert len(ranked(query, LIMITS)) <= len(SEARCHED)
    assert len(near_names(query)) <= 1
    assert finds_anything(query) in (True, False)


@db
def test_ranked_puts_whole_name_first_then_start_then_other_names_then_text():
    build(Company, "text", name="Aaa", summary="Robot " * 50)
    build(Company, "inside", name="Big Robot")
    build(Company, "other-name", name="Bbb", other_names="Robot")
    build(Company, "start", name="Robot Works and Many More Words in This Name")
    build(Company, "whole", name="Robot", summary="Nothing else.")
    reindex()
    first, second, *middle, last = order("robot")
    assert (first, second, last) == ("whole", "start", "text")
    assert sorted(middle) == ["inside", "other-name"]


@db
def test_ranked_puts_whole_chinese_name_first():
    build(Company, "text", name="Aaa", summary="云深处云深处云深处")
    build(Company, "start", name="Bbb", name_zh="云深处科技")
    build(Company, "whole", name="Ccc", name_zh="云深处")
    reindex()
    assert order("云深处") == ["whole", "start", "text"]
    assert order("云深") == ["start", "whole", "text"] or order("云深") == ["whole", "start", "text"]


@db
def test_name_in_one_word_is_found_as_two():
    build(Company, "deepseek", name="DeepSeek")
    build(Company, "text", name="Aaa", summary="They seek the deep.")
    reindex()
    assert order("deep seek") == ["deepseek", "text"]


@db
def test_ranked_orders_kinds_by_their_best_and_sources_last():
    firm = build(Company, "firm", name="Aaa", summary="Makes Robot.")
    build(Breakthrough, "robot", name="Robot")
    build_statement(firm, [build_source("robot", title="Robot")], text="x")
    reindex()
    assert [model for model, _, _ in ranked("robot", LIMITS)] == [Breakthrough, Company, Source]


@db
def test_ranked_counts_public_rows_only_and_fills_the_limit():
    for n in range(12):
        build(Company, f"draft-{n}", name="Robot", state="draft")
        build(Company, f"shown-{n}", name=f"Robot {n}")
    build(Company, "ahead", name="Robot", published_at=timezone.now() + timedelta(days=1))
    reindex()
    assert SearchEntry.objects.filter(kind="company").count() == 25
    [(model, total, rows)] = ranked("robot", LIMITS)
    assert (model, total, len(rows)) == (Company, 12, 5)
    assert all(row.slug.startswith("shown") for row in rows)


@db
def test_hidden_rows_do_not_lift_their_kind():
    build(Company, "hidden", name="Robot", state="draft")
    build(Company, "shown", name="Aaa", summary="A robot.")
    build(Breakthrough, "start", name="Robot dog")
    reindex()
    assert [model for model, _, _ in ranked("robot", LIMITS)] == [Breakthrough, Company]


@db
@pytest.mark.parametrize(
    ("query", "slug"),
    [("Unitre", "unitree"), ("Unitrea", "unitree"), ("宇数科技", "unitree"), ("yuhsu", "unitree")],
)
def test_near_names_of_a_slip(query, slug):
    build(Company, "unitree", name="Unitree", name_zh="宇树科技", other_names="Yushu")
    build(Company, "far", name="Quantum Bakery", name_zh="杭州面包")
    build(Company, "hidden", name="Unitrex", name_zh="宇数科技", state="draft")
    reindex()
    assert [row.slug for row in near_names(query)] == [slug]


@db
def test_near_names_are_five_at_most_and_none_for_signs():
    for n in range(9):
        build(Company, name=f"Robotor {n}")
    reindex()
    assert len(near_names("robotar")) == 5
    assert near_names("***") == []


@db
def test_finds_anything_sees_public_rows_only():
    build(Company, name="Hidden", state="draft")
    build(Place, name="Binjiang")
    reindex()
    assert not finds_anything("hidden")
    assert finds_anything("binjiang")


@db
def test_index_follows_save_edit_and_delete(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        row = build(Company, "firm", name="Before")
    assert found("before") == ["firm"]
    with django_capture_on_commit_callbacks(execute=True):
        row.name = "After"
        row.save()
    assert (found("before"), found("after")) == ([], ["firm"])
    with django_capture_on_commit_callbacks(execute=True):
        row.delete()
    assert SearchEntry.objects.count() == 0
    assert fts_rows() == 0


@db
def test_index_follows_statements(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        one, two = build(Company, "one"), build(Company, "two")
        statement = build_statement(one, text="zebra", note="giraffe", actor="okapi", label="tapir")
        build_statement(one, text="secret", draft=True)
    for word in ("zebra", "giraffe", "okapi", "tapir"):
        assert found(word) == ["one"]
    assert found("secret") == []
    with django_capture_on_commit_callbacks(execute=True):
        statement.text = "horse"
        statement.save()
    assert (found("zebra"), found("horse")) == ([], ["one"])
    with django_capture_on_commit_callbacks(execute=True):
        statement.company = two
        statement.save()
    assert found("horse") == ["two"]
    with django_capture_on_commit_callbacks(execute=True):
        statement.delete()
    assert found("horse") == []


@db
def test_index_leaves_out_what_was_rolled_back(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        with transaction.atomic():
            build(Company, name="Phantom")
            transaction.set_rollback(True)
        build(Company, "real", name="Real")
    assert [entry.kind for entry in SearchEntry.objects.all()] == ["company"]


@db
def test_loaddata_twice_leaves_no_doubles(tmp_path, django_capture_on_commit_callbacks):
    fields = {"name": "Robotics", "name_zh": "机器人", "definition": "Machines that move."}
    file = tmp_path / "sectors.json"
    file.write_text(json.dumps([{"model": "ecosystem.sector", "fields": {"slug": "robotics", **fields}}]))
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            call_command("loaddata", file, verbosity=0)
    assert SearchEntry.objects.count() == 1
    assert fts_rows() == 1
    assert found("机器", Sector) == ["robotics"]


def fts_rows():
    table = "ecosystem_searchentry" if connection.vendor == "postgresql" else "ecosystem_searchfts"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COUNT(*) FROM {table}")  # noqa: S608 -- one of two constants
        return cursor.fetchone()[0]


@db
@pytest.mark.parametrize("model", [*RECORDS, Sector, Place])
def test_every_kind_is_searched(model):
    build(model, "one", name="Zebra", name_zh="斑马")
    reindex()
    for text in ("zeb", "斑马"):
        assert [(kind, total) for kind, total, _ in ranked(text, LIMITS)] == [(model, 1)]


@db
def test_index_writes_over_an_entry_that_another_process_wrote():
    row = build(Company, "firm", name="Right")
    SearchEntry.objects.create(kind="company", object_id=row.pk, title="wstale", body="")
    index({Company: [row.pk]})
    assert (found("right"), found("stale")) == (["firm"], [])


@db
def test_reindex_mends_everything(capsys):
    build(Company, "firm", name="Right")
    SearchEntry.objects.create(kind="company", object_id=10**9, title="wghost", body="")
    call_command("reindex")
    assert SearchEntry.objects.count() == 1
    assert found("right") == ["firm"]
    assert "1" in capsys.readouterr().out


@db
def test_long_text_is_indexed_as_far_as_it_goes():
    text = " ".join(f"w{n}x" for n in range(30_000))
    row = build(Company, "long", body=text)
    assert len(entry_of(row).body.split()) == MOST_TOKENS
    reindex()
    assert found("w0x") == ["long"]
    build(Company, "han", body="".join(chr(0x4E00 + n % 20_000) for n in range(120_000)))
    reindex()
    assert found("一丁") == ["han"]


@db
def test_queries_stay_flat():
    counts = []
    for number in (3, 30):
        for n in range(number):
            row = build(Company, f"c-{number}-{n}", name=f"Robot {number} {n}")
            build_statement(row, text="robot")
        reindex()
        with CaptureQueriesContext(connection) as captured:
            assert ranked("robot", LIMITS)
        counts.append(len(captured))
    assert counts[0] == counts[1]
