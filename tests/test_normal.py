"""Which addresses lead to one page, and which names are one name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecosystem.normal import normal_name, normal_url, pasted_url


@pytest.mark.parametrize(
    "other",
    [
        "http://example.org/a",
        "https://www.example.org/a",
        "https://EXAMPLE.org/a/",
        "https://example.org./a",
        "https://example.org:443/a",
        "http://example.org:80/a#part",
        "https://example.org/a?utm_source=x&utm_medium=y",
        "https://example.org/a?fbclid=1#top",
        "https://example.org/%61",
        " https://example.org/a ",
    ],
)
def test_normal_url_of_same_page(other):
    assert normal_url(other) == normal_url("https://example.org/a") == "example.org/a"


@pytest.mark.parametrize(
    "other",
    [
        "https://example.org/A",
        "https://example.org/a/b",
        "https://example.org/a?id=1",
        "https://example.org:8080/a",
        "https://m.example.org/a",
        "https://example.org/a#/other",
        "https://example.com/a",
    ],
)
def test_normal_url_of_other_page(other):
    assert normal_url(other) != normal_url("https://example.org/a")


def test_normal_url_sorts_parameters():
    assert normal_url("https://a.example/?b=2&a=1") == normal_url("http://a.example?a=1&b=2&utm_id=3")


@pytest.mark.parametrize(
    "text", ["", "mailto:a@b.example", "ftp://a.example", "http://", "http://[", "a:b", "http://a:x/"]
)
def test_normal_url_of_no_web_address(text):
    assert normal_url(text) == ""


def test_normal_url_of_other_encoding():
    assert normal_url("https://a.example/%c4%e3?q=%c4") == "a.example/%C4%E3?q=%C4"


@given(st.text())
def test_normal_url_never_fails(text):
    for url in (text, f"https://example.org/{text}", f"https://{text}"):
        normal_url(url)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://a.example/b", "https://a.example/b"),
        (" a.example/b ", "https://a.example/b"),
        ("www.a.example", "https://www.a.example"),
        ("Reuters", ""),
        ("GPT-4.5 launch", ""),
        ("4.5", ""),
    ],
)
def test_pasted_url(text, url):
    assert pasted_url(text) == url


@pytest.mark.parametrize(
    "name",
    ["Unitree", "UNITREE", "Unitree Co., Ltd.", "Unitree, Inc", "  unitree  ", "Ｕｎｉｔｒｅｅ"],
)
def test_normal_name_of_same(name):
    assert normal_name(name) == "unitree"


@pytest.mark.parametrize(
    ("name", "same"),
    [("宇树科技有限公司", "宇树科技"), ("Deep-Robotics", "deep robotics")],
)
def test_normal_name(name, same):
    assert normal_name(name) == same
