"""A cache in Redis that is allowed to be absent: a dead Redis costs a miss, never an error.

Nothing that must hold lives in it. Rate limits and sessions are in the database.
"""

import functools
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = logging.getLogger(__name__)


def _or_miss(method: Callable[..., Any], missing: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def forgiving(self: "ForgivingRedisCache", *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except RedisError as error:
            log.warning("cache unavailable", extra={"operation": method.__name__, "error": type(error).__name__})
            return missing(*args, **kwargs)

    return forgiving


def _default(key: Any, default: Any = None, *args: Any, **kwargs: Any) -> Any:
    return default


def _value(value: Any) -> Callable[..., Any]:
    return lambda *args, **kwargs: value


def _unknown(key: Any, *args: Any, **kwargs: Any) -> Any:
    """What Django's caches answer when there is nothing to count up from."""
    raise ValueError(f"Key {key!r} not found.")


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache where an unreachable server means "not there" on reading and "not kept" on writing."""

    get = _or_miss(RedisCache.get, _default)
    get_many = _or_miss(RedisCache.get_many, lambda *args, **kwargs: {})
    has_key = _or_miss(RedisCache.has_key, _value(False))
    add = _or_miss(RedisCache.add, _value(True))
    set = _or_miss(RedisCache.set, _value(None))
    set_many = _or_miss(RedisCache.set_many, lambda data, *args, **kwargs: list(data))
    touch = _or_miss(RedisCache.touch, _value(False))
    delete = _or_miss(RedisCache.delete, _value(False))
    delete_many = _or_miss(RedisCache.delete_many, _value(None))
    incr = _or_miss(RedisCache.incr, _unknown)
    clear = _or_miss(RedisCache.clear, _value(False))


def redis_answers() -> bool:
    """Whether the Redis of the settings answers right now."""
    client = caches["fast"]._cache.get_client()  # type: ignore[attr-defined]  # Django offers no public ping
    try:
        return bool(client.ping())
    except RedisError:
        return False


FAST = "fast"
"""Name of the cache for what may be lost at any moment, such as fragments of pages: `caches[FAST]`."""
