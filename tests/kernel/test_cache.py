"""The cache: one client per process, and Django's behaviour otherwise."""

from django.core.cache import caches

from marketplace.kernel.cache import _Client


def test_one_client_answers_every_question() -> None:
    cache = caches.create_connection("default")
    cache.set("lamp", {"left": 3}, 60)
    asked = [cache.get("lamp"), cache.get("nothing"), cache.get_many(["lamp"]), cache.delete("lamp")]

    client = cache._cache
    assert (asked, client.get_client() is client.get_client(write=True)) == (
        [{"left": 3}, None, {"lamp": {"left": 3}}, True],
        True,
    )


def test_replicas_are_each_asked() -> None:
    servers = ["redis://127.0.0.1:1/0", "redis://127.0.0.1:2/0"]
    client = _Client(servers)

    ports = {
        client.get_client(write=write).connection_pool.connection_kwargs["port"] for write in (True, False)
    }

    assert ports == {1, 2}
