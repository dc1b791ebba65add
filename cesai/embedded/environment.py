"""The environment that the portal's own processes get: what a person has set stays, the rest is filled in."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path

from .folders import socket_folder
from .postgres import database_url
from .valkey import broker_url

ROOT = Path(__file__).resolve().parents[2]


def given() -> dict[str, str]:
    """What is set by hand: the process environment, and below it the lines of ``.env``."""
    values = {}
    try:
        lines = (ROOT / ".env").read_text().splitlines()
    except FileNotFoundError:
        lines = []
    for line in lines:
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        if equals and not name.startswith("#"):
            values[name.strip()] = value.strip().strip("'\"")
    return values | dict(os.environ)


def var_folder() -> Path:
    """Where data, sockets and logs of this checkout live."""
    return Path(given().get("CESAI_VAR") or ROOT / "var").absolute()


def sockets(var: Path) -> Path:
    return socket_folder(var / "run")


def environment(port: int | None = None) -> dict[str, str]:
    """The complete environment of a child: embedded services unless others are named, a secret key of this folder."""
    var = var_folder()
    values = given()
    fallbacks: dict[str, Callable[[], str]] = {
        "DATABASE_URL": lambda: database_url(sockets(var)),
        "BROKER_URL": lambda: broker_url(sockets(var)),
        "SECRET_KEY": lambda: secret_key(var),
        "CESAI_VAR": lambda: str(var),
        "DEMO": lambda: "true",
        # Threads each keep an arena of the C library's allocator otherwise, about 30 MB in all.
        "MALLOC_ARENA_MAX": lambda: "2",
    }
    if port is not None:
        fallbacks["SITE_URL"] = lambda: f"http://127.0.0.1:{port}"
    filled = {name: fallback() for name, fallback in fallbacks.items() if not values.get(name)}
    search_path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return os.environ | filled | {"PYTHONPATH": search_path}


def hub_double(var: Path, port: int) -> dict[str, str]:
    """Where a demo publishes: a Hub double of its own on `port`. Empty when a Hub is named by hand, or DEMO is off."""
    values = given()
    if values.get("HF_ENDPOINT") or values.get("DEMO", "true").lower() not in {"true", "1", "yes", "on"}:
        return {}
    return {
        "HF_ENDPOINT": f"https://localhost:{port}",
        # People open it without TLS: their browser does not know the double's own authority.
        "HUB_WEB_ADDRESS": f"http://127.0.0.1:{port}",
        "HUB_CA_FILE": str(var / "hub" / "certificates" / "ca.pem"),
        # The double keeps the bytes of large files, so they go to it by git-lfs.
        "HF_HUB_DISABLE_XET": "1",
    }


def secret_key(var: Path) -> str:
    """The key of this folder, made once and readable by its owner alone."""
    path = var / "secret_key"
    var.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        fresh = path.with_name(f"secret_key.{os.getpid()}")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            # Of two starters at the same instant the first one's key stays.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text().strip()
