import io

import pytest
from PIL import Image

from ecosystem import share
from ecosystem.models import Company
from tests.builders import build

CJK_FONT = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc"


def opened(content):
    return Image.open(io.BytesIO(content))


def test_share_image_is_a_png_of_the_size_that_social_sites_ask_for():
    image = opened(share.share_image("DeepSeek", "A laboratory.", "2 statements"))
    assert (image.format, image.size) == ("PNG", (1200, 630))


def test_share_image_of_other_names_differs():
    assert share.share_image("One", "Same.", "") != share.share_image("Two", "Same.", "")


def test_share_image_draws_no_boxes_for_chinese_without_a_font():
    assert share.drawable("Unitree 宇树") == "Unitree"


def test_share_image_keeps_chinese_with_a_font_that_has_it(settings):
    settings.SHARE_FONT = CJK_FONT
    assert share.drawable("Unitree 宇树") == "Unitree 宇树"


def test_share_image_shortens_a_long_sentence():
    lines = share.lines("word " * 200, 58, 4)
    assert len(lines) == 4
    assert lines[-1].endswith("…")


@pytest.mark.django_db
def test_share_address_of_a_published_record_is_a_cached_picture(client):
    company = build(Company)
    response = client.get(f"/share/company/{company.slug}.png")
    assert response["Content-Type"] == "image/png"
    assert "max-age=86400" in response["Cache-Control"]
    assert opened(response.content).size == share.SIZE


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
def test_share_address_of_an_unpublished_record_is_not_found(client, state):
    company = build(Company, state=state)
    assert client.get(f"/share/company/{company.slug}.png").status_code == 404


@pytest.mark.django_db
def test_share_address_of_an_unknown_kind_is_not_found(client):
    assert client.get("/share/person/someone.png").status_code == 404
