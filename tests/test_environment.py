"""The settings file: how it is read, and what quickstart writes into one that lacks a secret."""

import os
import stat

import pytest
from django.core.exceptions import ImproperlyConfigured

from hubportal import environment


@pytest.fixture
def env_file(tmp_path):
    return tmp_path / ".env"


@pytest.fixture
def no_secret(monkeypatch):
    monkeypatch.delenv("SECRET_KEY")


def test_read_env_file_takes_names_and_values(env_file):
    env_file.write_text(
        "# A comment=no\n\nA=1\n  B = two words \nnot a setting\nC=x=y\nD=\n", encoding="utf-8"
    )
    assert environment.read_env_file(env_file) == {"A": "1", "B": "two words", "C": "x=y", "D": ""}


def test_read_env_file_takes_quotes_off_in_pairs(env_file):
    env_file.write_text('A="x y"\nB=\'z\'\nC="open\nD=it\'s\nE="\n', encoding="utf-8")
    expected = {"A": "x y", "B": "z", "C": '"open', "D": "it's", "E": '"'}
    assert environment.read_env_file(env_file) == expected


def test_read_env_file_from_another_system_reads_alike(env_file):
    env_file.write_bytes("\ufeffA=1\r\nB=杭州\r\n".encode())
    assert environment.read_env_file(env_file) == {"A": "1", "B": "杭州"}


def test_read_env_file_missing_is_empty(env_file):
    assert environment.read_env_file(env_file) == {}


def test_load_env_file_yields_to_the_environment(env_file, monkeypatch):
    monkeypatch.setattr(os, "environ", {"SET": "outside"})
    env_file.write_text("SET=inside\nNEW=first\nNEW=last\n", encoding="utf-8")
    environment.load_env_file(env_file)
    assert os.environ == {"SET": "outside", "NEW": "last"}


@pytest.mark.usefixtures("no_secret")
def test_complete_env_file_missing_is_made_for_its_owner_alone(env_file):
    environment.complete_env_file(env_file)
    settings = environment.read_env_file(env_file)
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600
    assert len(settings["SECRET_KEY"]) >= 50
    assert settings["ALLOWED_HOSTS"] == "127.0.0.1,localhost,[::1]"


@pytest.mark.usefixtures("no_secret")
def test_complete_env_file_makes_a_new_secret_each_time(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    environment.complete_env_file(first)
    environment.complete_env_file(second)
    secrets = [environment.read_env_file(path)["SECRET_KEY"] for path in (first, second)]
    assert secrets[0] != secrets[1]


@pytest.mark.usefixtures("no_secret")
def test_complete_env_file_with_a_secret_stays(env_file):
    env_file.write_text("SECRET_KEY=mine", encoding="utf-8")
    environment.complete_env_file(env_file)
    assert env_file.read_text(encoding="utf-8") == "SECRET_KEY=mine"


@pytest.mark.usefixtures("no_secret")
@pytest.mark.parametrize("before", ["SITE_NAME=Mine", "SITE_NAME=Mine\nSECRET_KEY=\n"])
def test_complete_env_file_without_a_secret_gets_one_added(env_file, before):
    env_file.write_text(f"ALLOWED_HOSTS=hub.example.org\n{before}", encoding="utf-8")
    env_file.chmod(0o644)
    environment.complete_env_file(env_file)
    settings = environment.read_env_file(env_file)
    assert env_file.read_text(encoding="utf-8").startswith("ALLOWED_HOSTS=hub.example.org\nSITE_NAME=Mine\n")
    assert (settings["ALLOWED_HOSTS"], settings["SITE_NAME"]) == ("hub.example.org", "Mine")
    assert len(settings["SECRET_KEY"]) >= 50
    assert stat.S_IMODE(env_file.stat().st_mode) == 0o600


def test_complete_env_file_with_a_secret_in_the_environment_makes_nothing(env_file, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "given")
    environment.complete_env_file(env_file)
    assert not env_file.exists()


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("Yes", True), ("ON", True), ("0", False), ("no", False), ("", False)],
)
def test_flag_reads_the_usual_words(monkeypatch, value, expected):
    monkeypatch.setenv("A_FLAG", value)
    assert environment.flag("A_FLAG", not expected) is expected


def test_flag_not_set_takes_its_default(monkeypatch):
    monkeypatch.delenv("A_FLAG", raising=False)
    assert environment.flag("A_FLAG", True) is True
    assert environment.flag("A_FLAG", False) is False


def test_flag_with_another_word_stops(monkeypatch):
    monkeypatch.setenv("A_FLAG", "maybe")
    with pytest.raises(ImproperlyConfigured, match=r"^A_FLAG is 'maybe'\. Set it to 1 or 0\.$"):
        environment.flag("A_FLAG", False)


def test_words_drops_blanks(monkeypatch):
    monkeypatch.setenv("HOSTS", " a.example , ,b.example,")
    assert environment.words("HOSTS") == ["a.example", "b.example"]


def test_choice_is_one_of_the_words(monkeypatch):
    monkeypatch.delenv("FORM", raising=False)
    assert environment.choice("FORM", ("text", "json"), "json") == "json"
    monkeypatch.setenv("FORM", "xml")
    with pytest.raises(ImproperlyConfigured, match=r"^FORM is 'xml'\. Set it to text or json\.$"):
        environment.choice("FORM", ("text", "json"), "json")


def test_networks_are_read_in_cidr_notation(monkeypatch):
    monkeypatch.setenv("NETWORKS", "10.0.0.0/8, 192.0.2.7,2001:db8::/32")
    assert list(map(str, environment.networks("NETWORKS"))) == ["10.0.0.0/8", "192.0.2.7/32", "2001:db8::/32"]


@pytest.mark.parametrize("value", ["10.0.0.1/8", "office", "10.0.0.0/8;192.0.2.7"])
def test_networks_that_are_none_stop_the_start(monkeypatch, value):
    monkeypatch.setenv("NETWORKS", value)
    with pytest.raises(ImproperlyConfigured, match=r"^NETWORKS: .* Write networks like 10\.0\.0\.0/8"):
        environment.networks("NETWORKS")


@pytest.mark.parametrize("value", [None, ""])
def test_required_without_a_value_says_what_to_do(monkeypatch, value):
    monkeypatch.delenv("NEEDED", raising=False)
    if value is not None:
        monkeypatch.setenv("NEEDED", value)
    with pytest.raises(ImproperlyConfigured, match=r"^NEEDED is not set\. Put it there\.$"):
        environment.required("NEEDED", "Put it there.")
