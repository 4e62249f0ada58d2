"""Where settings come from: the process's environment, and before it the file `.env` beside manage.py."""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
ENV_FILE = BASE_DIR / ".env"
TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def load_env_file(path=ENV_FILE):
    """Put the `NAME=value` lines of a file into the environment; what is there already wins."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("\"'"))


def write_first_env_file(path=ENV_FILE):
    """Give a fresh machine a secret of its own; a file that exists, or a secret in the environment, stays."""
    if path.exists() or "SECRET_KEY" in os.environ:
        return
    path.touch(mode=0o600)
    path.write_text(
        "# Made by quickstart for this machine. See .env.example for every setting.\n"
        f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        "ALLOWED_HOSTS=127.0.0.1,localhost,[::1]\n",
        encoding="utf-8",
    )


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


def words(name, default=""):
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def required(name, advice):
    """Read a setting without which nothing may start; `advice` says how to get one."""
    value = text(name)
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {advice}")
    return value
