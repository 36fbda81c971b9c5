from __future__ import annotations

import threading

import pytest
from django.db import connection

from marketplace.kernel import commands
from marketplace.kernel.commands import KeyReused, run_once


@pytest.mark.django_db
def test_the_same_key_does_the_work_once_and_answers_the_same():
    done = []

    def work():
        done.append(1)
        return {"order": f"R-{len(done)}"}

    answers = [run_once(scope="s", key="k", payload={"a": 1}, command=work) for _ in range(3)]

    assert (answers, len(done)) == ([{"order": "R-1"}] * 3, 1)


@pytest.mark.django_db
def test_the_same_key_for_something_else_is_refused():
    run_once(scope="s", key="k", payload={"a": 1}, command=dict)

    with pytest.raises(KeyReused):
        run_once(scope="s", key="k", payload={"a": 2}, command=dict)


@pytest.mark.django_db(transaction=True)
def test_a_command_that_failed_may_be_tried_again_under_its_key():
    def fail():
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_once(scope="s", key="k", payload=1, command=fail)

    assert run_once(scope="s", key="k", payload=1, command=lambda: "done") == "done"


@pytest.mark.concurrency
@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_under_one_key_do_the_work_once():
    done, answers = [], []

    def work():
        done.append(1)
        return len(done)

    def body():
        try:
            answers.append(run_once(scope="s", key="k", payload=1, command=work))
        finally:
            connection.close()

    threads = [threading.Thread(target=body) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(done), answers) == (1, [1] * 20)


def test_a_fingerprint_does_not_depend_on_the_order_of_keys():
    assert commands.fingerprint({"a": 1, "b": 2}) == commands.fingerprint({"b": 2, "a": 1})
