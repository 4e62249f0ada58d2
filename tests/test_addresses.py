import pytest

from ecosystem.addresses import absolute, tag_uri, with_query


def test_absolute_takes_the_host_from_the_settings(settings):
    settings.SITE_URL = "https://portal.example:8443"
    assert absolute("/companies/?q=a") == "https://portal.example:8443/companies/?q=a"


@pytest.mark.parametrize(
    ("path", "uri"),
    [
        ("/companies/deepseek/", "tag:portal.example,2026:/companies/deepseek/"),
        ("/companies.atom?q=杭州", "tag:portal.example,2026:/companies.atom%3Fq%3D%E6%9D%AD%E5%B7%9E"),
    ],
)
def test_tag_uri_names_the_host_without_its_port(settings, path, uri):
    settings.SITE_URL = "https://portal.example:8443"
    assert tag_uri(path) == uri


@pytest.mark.parametrize(
    ("pairs", "address"),
    [
        ([], "/c/"),
        ([("b", "2"), ("a", "x y")], "/c/?a=x+y&b=2"),
        ({("a", "2"), ("a", "1")}, "/c/?a=1&a=2"),
        ([("q", "杭&=#")], "/c/?q=%E6%9D%AD%26%3D%23"),
        ([("page", 2)], "/c/?page=2"),
    ],
)
def test_with_query_sorts_and_escapes(pairs, address):
    assert with_query("/c/", pairs) == address
