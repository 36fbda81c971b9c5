"""Another shop's orders taken over by the command, looked into by the operator, and taken away again."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from marketplace.accounts.models import User
from marketplace.accounts.operations import give_role
from orders.models import HistoricLine, HistoricOddity, HistoricOrder, HistorySource
from tests.orders.domain.histories.test_histories import UCI

pytestmark = pytest.mark.django_db
ROWS = (
    "1,85123A,HEART,6,2010-12-01 08:00:00,2.55,17850.0,France\n"
    "C2,85123A,HEART,-6,2010-12-02 08:00:00,2.55,17850.0,France\n"
    "C3,=1+1,ODD,-1,2010-12-02 08:00:00,2.55,17850.0,France\n"
    "4,22139,TEA,x,2010-12-02 08:00:00,2.55,17850.0,France\n"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "december.csv"
    path.write_text(UCI + ROWS)
    return path


@pytest.fixture
def operator() -> Client:
    user = User.objects.create_user("olga@rightful.example", "correct horse battery")
    give_role(user=user, kind="operator")
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def take(path: Path) -> None:
    call_command("import_orders", path, format="uci", name="december", attribution="Chen 2015, CC BY 4.0")


def counts() -> tuple[int, ...]:
    return tuple(m.objects.count() for m in (HistorySource, HistoricOrder, HistoricLine, HistoricOddity))


def test_a_history_is_taken_once_and_can_be_taken_away(table: Path, capsys: pytest.CaptureFixture[str]):
    take(table)
    said, after = capsys.readouterr().out, counts()
    with pytest.raises(CommandError, match="The history december was taken over on"):
        take(table)
    again = counts()
    call_command("import_orders", name="december", drop=True)

    assert ("december.csv: 4 rows, 3 taken, 1 refused" in said, after, again, counts()) == (
        True,
        (1, 3, 3, 2),
        (1, 3, 3, 2),
        (0, 0, 0, 0),
    )


@pytest.mark.parametrize(
    ("content", "problem"),
    [(b"a,b\n1,2\n", "columns are missing"), (b"\xff\xfe\x00", "cannot be read as text")],
)
def test_another_file_is_refused_whole(tmp_path: Path, content: bytes, problem: str):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=problem):
        take(path)
    assert counts() == (0, 0, 0, 0)


def test_the_operator_looks_into_it(table: Path, operator: Client):
    take(table)
    listed = operator.get("/admin/histories").content.decode()
    page = operator.get("/admin/histories/december", {"code": "refused"}).content.decode()
    odd = b"".join(operator.get("/admin/histories/december/oddities.csv").streaming_content).decode()

    assert ("december" in listed, "december.csv:5" in page, "december.csv:4" in page) == (True, True, False)
    assert odd.splitlines() == [
        "file,row,code,order,what,details",
        'december.csv,4,no_goods,C3,"A charge, a discount or a correction by hand, no goods.",\'=1+1 ODD',
        "december.csv,5,refused,4,The row cannot be read and was refused.,Quantity: 'x' is no whole number",
    ]


def test_the_page_asks_a_fixed_number_of_queries(
    table: Path, operator: Client, django_assert_max_num_queries
):
    take(table)
    with django_assert_max_num_queries(14):
        operator.get("/admin/histories/december")
