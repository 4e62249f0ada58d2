"""Which status sources allow, whom they speak for, and that the shipped content keeps to it."""

import pytest

from ecosystem.models import Breakthrough, Challenge, Company, Institution, Statement
from ecosystem.status import DEFINITIONS, STRENGTH, allowed, allowed_to, own_names, parties, problems
from tests.builders import build, build_source, build_statement

pytestmark = pytest.mark.django_db
Status = Statement.Status


def test_every_status_is_defined():
    assert list(DEFINITIONS) == list(Status)


@pytest.fixture
def firm():
    owner = build(Company, name="Big Group")
    names = {"name_zh": "宇树科技", "legal_name": "Unitree Robotics Co., Ltd.", "other_names": "Yushu"}
    return build(Company, name="Unitree", parent=owner, **names)


def strongest(firm, *origins, kind="news", **fields):
    sources = [build_source(origin=origin, kind=kind) for origin in origins]
    return allowed_to(build_statement(firm, sources, **fields)).status


@pytest.mark.parametrize(
    ("origins", "status"),
    [
        ([], None),
        (["Reuters"], Status.REPORTED),
        (["Reuters", "reuters"], Status.REPORTED),
        (["Reuters", "Xinhua"], Status.CORROBORATED),
        (["Reuters", "Unitree"], Status.CORROBORATED),
        (["Unitree"], Status.SELF_REPORTED),
        (["Unitree", "宇树科技"], Status.SELF_REPORTED),
        (["Unitree Robotics"], Status.SELF_REPORTED),
        (["Yushu"], Status.SELF_REPORTED),
        (["Unitree Blog"], Status.SELF_REPORTED),
        (["Unitrees"], Status.REPORTED),
        (["Big Group"], Status.SELF_REPORTED),
        (["Unitree", "Big Group"], Status.SELF_REPORTED),
    ],
)
def test_allowed_by_origins(firm, origins, status):
    assert strongest(firm, *origins) == status


@pytest.mark.parametrize(("kind", "status"), [("filing", Status.SELF_REPORTED), ("news", Status.REPORTED)])
def test_allowed_by_part_of_a_name_only_where_a_firm_speaks(kind, status):
    firm = build(Company, name="Xinhua Winshare Holdings")
    assert strongest(firm, "Xinhua", kind=kind) == status


def test_makers_of_a_breakthrough_speak_for_it(firm):
    lab = build(Institution, name="Zhejiang Lab")
    model = build(Breakthrough, many={"companies": [firm], "institutions": [lab]})
    assert strongest(model, "Unitree", "Zhejiang Lab") == Status.SELF_REPORTED
    assert strongest(model, "Zhejiang University") == Status.REPORTED


def test_who_responds_speaks_for_itself():
    challenge = build(Challenge)
    assert strongest(challenge, "City Hall", kind="law") == Status.REPORTED
    answer = build_statement(
        challenge, [build_source(origin="City Hall")], kind="response", actor="City Hall"
    )
    assert allowed_to(answer).status == Status.SELF_REPORTED


@pytest.mark.parametrize("status", Status)
def test_weaker_status_permitted_and_stronger_refused(firm, status):
    found = allowed([build_source(origin="Reuters")], own_names(parties(firm)))
    assert found.permits(status) is (status != Status.CORROBORATED)
    own = allowed([build_source(origin="Unitree")], own_names(parties(firm)))
    assert own.permits(status) is (status not in STRENGTH[1:])


def told(status, *origins, **more):
    return list(problems(status, allowed([build_source(origin=name) for name in origins], set()), **more))


def test_problem_names_what_sources_allow():
    sentence = "These sources allow “reported” at most, not “corroborated”: One original publisher (Reuters)."
    assert told(Status.CORROBORATED, "Reuters", "Reuters") == [("status", sentence)]


@pytest.mark.parametrize("status", [Status.DISPUTED, Status.UNSUPPORTED])
def test_problem_of_doubt_without_a_note(status):
    assert [field for field, _ in told(status, "Reuters")] == ["note"]
    assert told(status, "Reuters", note="Xinhua says 2017.") == []


def test_rival_explains_a_dispute_but_no_lack_of_support():
    assert told(Status.DISPUTED, "Reuters", has_rival=True) == []
    assert told(Status.UNSUPPORTED, "Reuters", has_rival=True) != []
