"""Where settings come from: the process's environment, and behind it the file `.env` beside manage.py."""

import os
import secrets
from ipaddress import ip_network
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
ENV_FILE = Path(os.environ.get("ENV_FILE") or BASE_DIR / ".env")
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def read_env_file(path):
    """Return the `NAME=value` lines of a file; of two lines with one name the later counts."""
    # utf-8-sig: some editors put a byte order mark before the first name.
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.is_file() else []
    pairs = (line.partition("=") for line in map(str.strip, lines) if not line.startswith("#"))
    return {name.strip(): unquoted(value.strip()) for name, equals, value in pairs if equals}


def unquoted(value):
    """Take one pair of quotes off; a quote that has no partner is part of the value."""
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value


def load_env_file(path=ENV_FILE):
    """Put a settings file into the environment; what is there already wins."""
    for name, value in read_env_file(path).items():
        os.environ.setdefault(name, value)


def complete_env_file(path=ENV_FILE):
    """Give a machine that has no secret one of its own; what is set already stays as it is."""
    present = read_env_file(path)
    if "SECRET_KEY" in os.environ or present.get("SECRET_KEY"):
        return
    lines = ["# Made by quickstart for this machine. See .env.example for every setting."]
    lines.append(f"SECRET_KEY={secrets.token_urlsafe(50)}")
    if not present.get("ALLOWED_HOSTS"):
        lines.append("ALLOWED_HOSTS=127.0.0.1,localhost,[::1]")
    # The mode comes before the secret, so that others can read it at no moment.
    path.touch()
    path.chmod(0o600)
    before = path.read_text(encoding="utf-8")
    gap = "\n" if before and not before.endswith("\n") else ""
    path.write_text(before + gap + "\n".join(lines) + "\n", encoding="utf-8")


def text(name, default=""):
    return os.environ.get(name, default)


def flag(name, default):
    """Read a yes-or-no setting; a word that is neither stops the start."""
    value = text(name, str(default)).lower()
    if value in TRUE:
        return True
    if value in FALSE:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Set it to 1 or 0.")


def choice(name, options, default):
    """Read a setting that is one of some words; another one stops the start."""
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to {' or '.join(options)}.")
    return value


def number(name, default):
    """Read a whole number from 0 on; anything else stops the start."""
    value = text(name, str(default))
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is {value!r}. Set it to a whole number.")
    return int(value)


def words(name, default=""):
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def networks(name):
    """Read IP networks in CIDR notation; one that is none stops the start."""
    try:
        return [ip_network(word) for word in words(name)]
    except ValueError as problem:
        raise ImproperlyConfigured(
            f"{name}: {problem}. Write networks like 10.0.0.0/8, with commas."
        ) from None


def required(name, advice):
    """Read a setting without which nothing may start; `advice` says how to get one."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {advice}")
    return value
