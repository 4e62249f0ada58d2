"""Editors' text becomes safe HTML; Chinese is marked as Chinese."""

import pytest
from django.template import Context, Template
from django.utils.html import escape

from ecosystem.fields import PartialDate
from ecosystem.models import Company
from ecosystem.templatetags.portal import absolute, markdown, readable, seal, zh


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Deep 深度求索 AI", 'Deep <span lang="zh-Hans">深度求索</span> AI'),
        ("深度求索（DeepSeek）", '<span lang="zh-Hans">深度求索（</span>DeepSeek）'),
        ("No Chinese — “here”", "No Chinese — “here”"),
        ("<b>杭</b>", '&lt;b&gt;<span lang="zh-Hans">杭</span>&lt;/b&gt;'),
        ("ひらがな", "ひらがな"),
        ("", ""),
    ],
)
def test_chinese_is_marked_and_the_rest_escaped(text, html):
    assert zh(text) == html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">a</a>',
        "<style>body{display:none}</style>",
        "<!-- comment -->",
        "a <b onclick=x>bold</b>",
    ],
)
def test_html_in_text_is_shown_as_text(text):
    """Nothing of it reaches the page as an element: every tag is written out for the reader."""
    html = markdown(text)
    assert escape(text).replace("&quot;", '"').replace("&#x27;", "'") in html.replace("&quot;", '"')
    assert "<script" not in html
    assert "<img" not in html
    assert "<a " not in html


@pytest.mark.parametrize(
    "link",
    [
        "[a](javascript:alert(1))",
        "[a](JaVaScRiPt:alert(1))",
        "[a](data:text/html;base64,PHNjcmlwdD4=)",
        "[a](vbscript:x)",
        "[a](java&#115;cript:alert(1))",
        "[a]( javascript:alert(1))",
        "<javascript:alert(1)>",
        "[a][b]\n\n[b]: javascript:alert(1)",
    ],
)
def test_link_that_runs_something_is_dead(link):
    html = markdown(link).lower()
    assert 'href="j' not in html
    assert 'href="d' not in html
    assert 'href="v' not in html


@pytest.mark.parametrize("target", ["https://example.org/", "http://example.org/", "mailto:a@example.org"])
def test_link_to_the_web_lives(target):
    html = markdown(f"[a]({target})")
    assert f'href="{target}"' in html
    assert 'rel="nofollow noopener"' in html


def test_images_are_off():
    html = markdown("![alt](https://example.org/a.png)")
    assert "<img" not in html


def test_tables_are_on():
    html = markdown("| a | b |\n|---|---|\n| 1 | 杭州 |")
    assert "<table>" in html
    assert "<th>a</th>" in html
    assert '<td><span lang="zh-Hans">杭州</span></td>' in html


def test_markdown_makes_paragraphs_lists_and_emphasis():
    html = markdown("One **two** *three* `four`\n\n- five\n- six")
    assert html.startswith("<p>One <strong>two</strong> <em>three</em> <code>four</code></p>")
    assert html.count("<li>") == 2


def test_chinese_is_marked_in_text_but_not_in_attributes():
    html = markdown('[看](https://example.org/杭州 "杭州")')
    assert '<span lang="zh-Hans">看</span>' in html
    assert html.count("<span") == 1


@pytest.mark.parametrize(
    ("fields", "html"),
    [
        ({"name": "DeepSeek", "name_zh": "深度求索"}, ' lang="zh-Hans">深</span>'),
        ({"name": "阿里 Alibaba"}, ' lang="zh-Hans">阿</span>'),
        ({"name": "unitree"}, ">U</span>"),
        ({"name": "“51” World"}, ">5</span>"),
        ({"name": "…"}, ">·</span>"),
        ({"name": "<b>", "name_zh": "a"}, ">B</span>"),
    ],
)
def test_seal_shows_the_first_character(fields, html):
    assert seal(Company(**fields)).endswith(html)


def test_dates_are_in_words_or_nothing():
    assert readable(PartialDate("2016-07")) == "July 2016"
    assert readable(None) == ""


def test_absolute_encodes_what_an_address_cannot_hold():
    assert absolute('/a"<杭\x00?q=%20') == "http://testserver/a%22%3C%E6%9D%AD%00?q=%20"


@pytest.mark.parametrize(
    "template",
    ["{{ text }}", "{{ text|zh }}", "{{ text|markdown }}"],
)
def test_no_filter_lets_a_tag_through(template):
    html = Template("{% load portal %}" + template).render(Context({"text": "<i>x</i>"}))
    assert "<i>" not in html
    assert "&lt;i&gt;" in html
