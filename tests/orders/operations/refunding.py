"""Processes that refund, and are killed with SIGKILL at random moments: run by test_refunds_killed.py.

``staff`` asks for refunds and sends them, ``worker`` brings to an end what was left, ``web`` takes the provider's
messages. A nursery loads the program once and forks; each child is killed after a moment, and another takes
its place, until it may live: then it ends its work. Arguments: what it does, kills, seed, refunds an order.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import sys
import time
from collections.abc import Callable
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import django

django.setup()

from django.conf import settings  # noqa: E402 -- after setup
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connections  # noqa: E402

from marketplace.kernel import clock, outbox  # noqa: E402
from marketplace.kernel.money import Money  # noqa: E402
from orders import operations  # noqa: E402
from orders.models import Order, Refund  # noqa: E402
from orders.payments import ProviderDown  # noqa: E402

settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"  # no mail server runs here


def staff(each: int) -> None:
    """Ask for so many refunds of every order, and send each at once; after a death go on with what is not settled."""
    settled = set(Refund.objects.exclude(state=Refund.State.REQUESTED).values_list("key", flat=True))
    for order in Order.objects.select_related("group").order_by("pk"):
        for number in range(each):
            if f"{order.public_id}:{number}" in settled:
                continue
            refund = operations.request_refund(
                order=order,
                amount=Money(order.total_minor // each, order.currency),
                key=f"{order.public_id}:{number}",
                because="test",
                now=clock.now(),
            )
            if refund.state == Refund.State.REQUESTED and not refund.provider_ref:
                try:
                    operations.send_refund(refund_id=refund.pk, now=clock.now())
                except ProviderDown:
                    pass


def worker(each: int) -> None:
    """Relay the news and send what waits, until every refund was asked for and is settled."""
    wanted = Order.objects.count() * each
    while True:
        outbox.relay()
        waiting = Refund.objects.filter(state=Refund.State.REQUESTED)
        for public_id in list(waiting.values_list("public_id", flat=True)):
            operations.send_refund_named(refund_id=public_id, now=clock.now())
        if Refund.objects.count() == wanted and not waiting.exists():
            return
        time.sleep(0.02)  # nothing waits for it; it leaves the processor to the others


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Stay quiet."""


def web(listening: socket.socket) -> None:
    """Answer messages for good."""
    server = WSGIServer(listening.getsockname(), _Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    server.server_name, server.server_port = "localhost", listening.getsockname()[1]
    server.setup_environ()
    server.set_app(get_wsgi_application())
    server.serve_forever(poll_interval=0.05)


def nurse(work: Callable[[], None], kills: int, seed: int, *, ends: bool) -> None:
    """Fork a child, kill it after a moment, and again; then let one live (to its end, if it has one)."""
    chance = random.Random(seed)
    connections.close_all()
    for left in range(kills, -1, -1):
        pid = os.fork()
        if pid == 0:
            work()
            os._exit(0)
        if left or not ends:
            is_last = not left
            time.sleep(3600 if is_last else chance.uniform(0.03, 0.6))
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        if os.waitstatus_to_exitcode(status) not in (0, -signal.SIGKILL):
            sys.exit(f"A child failed: {status}")


def main(kind: str, kills: str, seed: str, each: str) -> None:
    """Do one kind of work through any number of deaths."""
    if kind == "web":
        listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        print(listening.getsockname()[1], flush=True)
        nurse(lambda: web(listening), int(kills), int(seed), ends=False)
    else:
        do = staff if kind == "staff" else worker
        nurse(lambda: do(int(each)), int(kills), int(seed), ends=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
