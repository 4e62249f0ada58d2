"""What matched is marked in the text as it was written."""

import pytest

from ecosystem.highlight import Marker, hit
from ecosystem.models import Challenge, Company, Sector, Source
from ecosystem.search import with_texts
from tests.builders import build, build_source, build_statement


def shown(pieces):
    return "".join(f"[{piece}]" if is_match else piece for is_match, piece in pieces)


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("robot", "Robotics and robots, not microrobot.", "[Robot]ics and [robot]s, not microrobot."),
        ("ROBOT dog", "A dog-like robot", "A [dog]-like [robot]"),
        ("urumqi", "From Ürümqi, U\u0308ru\u0308mqi", "From [Ürümqi], [U\u0308ru\u0308mqi]"),
        ("e", "e\u0301 x", "[e\u0301] x"),
        ("abc", "ＡＢＣ１", "[ＡＢＣ]１"),
        ("宇树", "杭州宇树科技，宇树", "杭州[宇树]科技，[宇树]"),
        ("树", "宇树科技", "宇[树]科技"),
        ("宇树 树科", "宇树科技", "[宇树][科]技"),
        ("gpt4", "The GPT-4o model", "The [GPT-4]o model"),
        ("gpt-4o", "GPT 4o模型", "[GPT 4o]模型"),
        ("5", "1.5 and 25", "1.[5] and 25"),
        ("fi", "ﬁne ﬁ", "[ﬁ]ne [ﬁ]"),
        ("f", "ﬁne", "[ﬁ]ne"),
        ("strasse", "Straße", "[Straße]"),
        ("<b>", "<b>bold</b>", "<[b]>[b]old</[b]>"),
        ("***", "a * b", "a * b"),
        ("", "nothing", "nothing"),
        ("x", "", ""),
    ],
)
def test_marked_keeps_the_text(query, text, expected):
    pieces = Marker(query).marked(text)
    assert shown(pieces) == expected
    assert "".join(piece for _, piece in pieces) == text


def test_excerpt_is_cut_around_the_match():
    text = "before " * 100 + "robot " + "after " * 100
    pieces = Marker("robot").excerpt(text)
    words = "".join(piece for _, piece in pieces)
    assert words.startswith("… before")
    assert words.endswith("after …")
    assert (True, "robot") in pieces
    assert len(words) < 300


@pytest.mark.parametrize("text", ["一二" * 500 + "宇树" + "三四" * 500, "宇树" + "三四" * 500, "宇树"])
def test_excerpt_of_text_without_spaces(text):
    words = shown(Marker("宇树").excerpt(text))
    assert "[宇树]" in words
    assert len(words) < 300


def test_excerpt_without_match_is_the_beginning():
    assert shown(Marker("x").excerpt("Short text.")) == "Short text."


pytestmark = pytest.mark.django_db


def found(model, query, **fields):
    row = build(model, "row", **fields)
    return hit(with_texts(model.objects).get(pk=row.pk), Marker(query))


def test_hit_names_the_other_name_that_matched():
    result = found(Company, "群核", name="Manycore", name_zh="酷家乐", other_names="Qunhe\n群核科技")
    assert shown(result.also) == "[群核]科技"
    assert found_nothing(found, "Manycore")


def found_nothing(found, query):
    row = Company.objects.get()
    return not hit(with_texts(Company.objects).get(pk=row.pk), Marker(query)).also


def test_hit_leads_to_the_statement_that_matched():
    row = build(Company, "row")
    statement = build_statement(row, label="Products", text="A zebra crossing", note="Since 2020.")
    build_statement(row, text="zebra zebra", draft=True)
    result = hit(with_texts(Company.objects).get(), Marker("zebra"))
    assert result.address == f"/companies/row/#{statement.reference}"
    assert shown(result.text) == "Products · A [zebra] crossing · Since 2020."


def test_hit_prefers_the_summary_and_reads_markdown_as_words():
    fields = {"name": "Zebra", "summary": "Stripes.", "body": "A **zebra** in [a zoo](https://zoo.example)."}
    assert shown(found(Company, "zebra", **fields).text) == "Stripes."
    row = with_texts(Company.objects).get()
    assert shown(hit(row, Marker("zoo")).text) == "A zebra in a [zoo]."


def test_hit_tells_why_other_fields_matched():
    assert shown(found(Challenge, "weighs", severity_reason="It weighs much.").text) == "It [weighs] much."


def test_hit_of_a_source_and_of_a_sector():
    source = build_source("one", title="Robots rise", publisher="The Daily", note="A repost.")
    result = hit(Source.objects.get(pk=source.pk), Marker("robots"))
    assert (shown(result.name), shown(result.text)) == ("[Robots] rise", "The Daily")
    assert shown(found(Sector, "moves", definition="What moves.").text) == "What [moves]."
