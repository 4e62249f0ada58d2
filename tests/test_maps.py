import html5lib
import pytest

from ecosystem import maps
from ecosystem.listing import listed
from ecosystem.models import Company, Place
from ecosystem.views.company import CompanyListView
from tests.builders import build
from tests.pages import links, parse

pytestmark = pytest.mark.django_db


def hub():
    """A city of two districts on the map and one that is not; a park inside the first; five companies."""
    city = build(Place, "city", kind="city", latitude="30.25", longitude="120.15")
    north = build(Place, "north", parent=city, latitude="30.30", longitude="120.10")
    south = build(Place, "south", parent=city, latitude="30.20", longitude="120.20")
    park = build(Place, "park", kind="park", parent=north, latitude="30.31", longitude="120.11")
    build(Place, "unknown-spot", parent=city)
    for place in (north, park, park, south, None):
        build(Company, place=place)
    build(Company, place=north, state="draft")
    build(Company, place=north, hub_link="linked")


def sheet(*rows):
    """A map of places given as (slug, latitude, longitude, number of companies)."""
    places = []
    for slug, latitude, longitude, count in rows:
        place = Place(slug=slug, name=slug.title(), latitude=latitude, longitude=longitude, parent_id=1)
        place.companies_here = count
        places.append(place)
    return maps.draw(places)


def test_map_has_north_at_the_top_and_east_at_the_right():
    one, other = sorted(
        sheet(("a", 30.3, 120.1, 1), ("b", 30.2, 120.2, 1)).spots, key=lambda spot: spot.place.slug
    )
    assert one.x < other.x
    assert one.y < other.y


def test_map_has_one_scale_in_both_directions():
    """At 60° north a degree of longitude is half as long as one of latitude."""
    drawn = sheet(("a", 59.95, 10.0, 1), ("b", 60.05, 10.0, 1), ("c", 60.0, 10.2, 1))
    spots = {spot.place.slug: spot for spot in drawn.spots}
    high, wide = spots["a"].y - spots["b"].y, spots["c"].x - spots["a"].x
    assert wide == pytest.approx(high, rel=0.01)
    assert drawn.scale_length / drawn.scale_km == pytest.approx(high / (0.1 * maps.KM_A_DEGREE), rel=0.01)


def test_area_of_a_circle_grows_with_the_number():
    drawn = sheet(("a", 30.3, 120.1, 16), ("b", 30.2, 120.2, 4), ("c", 30.1, 120.2, 0))
    assert [spot.radius for spot in drawn.spots] == [maps.LARGEST, maps.LARGEST / 2, maps.SMALLEST]


def test_names_stay_on_the_sheet_and_off_each_other():
    crowd = [(f"some district {n}", 30.2 + n % 3 * 0.03, 120.1 + n // 3 * 0.05, n) for n in range(9)]
    drawn = sheet(*crowd)
    boxes = []
    for spot in drawn.spots:
        [box] = [box for box, place in maps.candidates(spot) if place[:2] == (spot.label_x, spot.label_y)]
        assert maps.outside(box, drawn.height) == 0
        boxes.append(box)
    clashes = sum(maps.overlap(one, other) > 0 for n, one in enumerate(boxes) for other in boxes[:n])
    assert clashes <= 1


@pytest.mark.parametrize("rows", [[("a", 30.3, 120.1, 0)], [("a", 30.3, 120.1, 1), ("b", 30.3, 120.1, 2)]])
def test_map_of_a_single_spot(rows):
    drawn = sheet(*rows)
    assert all(0 < spot.x < maps.WIDTH and 0 < spot.y < drawn.height for spot in drawn.spots)
    assert drawn.meridians
    assert drawn.parallels


def test_map_of_a_whole_country():
    drawn = sheet(("a", 20, 75, 1), ("b", 50, 130, 1))
    assert len(drawn.meridians) <= 7
    assert drawn.scale_km == 1000


def test_page_without_coordinates_has_no_map(client):
    build(Place, "city")
    page = client.get("/places/").content.decode()
    assert "<svg" not in page


def test_page_draws_the_places_it_knows_and_names_the_others(client):
    hub()
    response = client.get("/places/")
    page = response.content.decode()
    circles = [a.get("aria-label") for a in parse(response).iter() if a.tag.endswith("svg}a")]
    assert circles == ["North: 3 companies", "Park: 2 companies", "South: 1 company"]
    assert "1 place is not drawn" in page
    assert "For 1 of 5 companies no place is known" in page
    assert "/places/north/" in links(parse(response))


def test_page_counts_what_the_lists_hold(client):
    hub()
    to_lists = [link for link in links(parse(client.get("/places/"))).items() if "?place=" in link[0]]
    for address, text in to_lists:
        slug = address.partition("place=")[2]
        assert text.startswith(f"{listed(CompanyListView, place=slug).total} compan")
    assert len(to_lists) == 4


def test_page_is_strict_html(client):
    hub()
    html5lib.HTMLParser(strict=True).parse(client.get("/places/").content.decode())


def test_page_asks_the_same_number_of_queries_for_more(client, django_assert_num_queries):
    hub()
    with django_assert_num_queries(5):
        client.get("/places/")
    city = Place.objects.get(slug="city")
    for n in range(30):
        build(Company, place=build(Place, parent=city, latitude=f"30.{n + 10}", longitude="120.3"))
    with django_assert_num_queries(5):
        client.get("/places/")
