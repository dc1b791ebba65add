"""The environment the portal reads, and nothing else reads it.

Every name is listed in `.env.example`; a value of the wrong shape stops the start with the name of the variable.
"""

from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(ROOT / ".env")


def cache_url_from_broker(broker_url: str) -> str:
    """Database 1 of the Redis or Valkey server that carries the task queue in database 0.

    Celery writes a socket as `redis+socket:///path`, Django's cache as `unix:///path`.
    Raises ValueError for a broker that is no Redis: then CACHE_URL has to be given.
    """
    if broker_url.startswith("redis+socket://"):
        path = broker_url.removeprefix("redis+socket://").partition("?")[0]
        return f"unix://{path}?db=1"
    if broker_url.startswith(("redis://", "rediss://")):
        scheme, _, rest = broker_url.partition("://")
        return f"{scheme}://{rest.partition('/')[0]}/1"
    raise ValueError("CACHE_URL is needed: BROKER_URL does not point to Redis or Valkey.")
