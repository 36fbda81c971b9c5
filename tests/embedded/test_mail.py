"""Mail is really sent, and really caught."""

import email
import email.policy
import signal
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from marketplace.embedded.home import CHECKOUT
from marketplace.embedded.mail import LIMIT
from marketplace.embedded.ports import free_port
from marketplace.embedded.process import wait_until


@pytest.fixture(scope="module")
def catcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """A running mail catcher: its port and its folder."""
    port, folder = free_port(), tmp_path_factory.mktemp("caught mail")
    command = [sys.executable, "-m", "marketplace.embedded", "mail", f"--port={port}", f"--folder={folder}"]
    process = subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.DEVNULL)
    assert wait_until(lambda: answers(port), seconds=20)
    yield port, folder
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=10)


def answers(port: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", port, timeout=2) as client:
            return client.noop()[0] == 250
    except OSError:
        return False


def caught(folder: Path) -> list[EmailMessage]:
    return [
        email.message_from_bytes(path.read_bytes(), policy=email.policy.default)  # type: ignore[misc]
        for path in sorted(folder.glob("*.eml"))
    ]


def message(subject: str, body: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "post@rightful.example", "ana@example.org", subject
    mail.set_content(body)
    return mail


def test_message_with_attachment_arrives_as_it_was_sent(catcher: tuple[int, Path]) -> None:
    port, folder = catcher
    mail = message("Ihre Bestellung – 你好", "Erste Zeile\n.\n.. zwei Punkte\n")
    mail.add_attachment(b"%PDF-1.7 \x00\xff", maintype="application", subtype="pdf", filename="contract.pdf")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(mail)
    kept = caught(folder)[-1]
    body, attachment = kept.get_body(), next(iter(kept.iter_attachments()))
    assert body is not None
    assert (
        kept["Subject"],
        body.get_content().splitlines(),
        attachment.get_content(),
        kept["X-Envelope-To"],
    ) == (
        "Ihre Bestellung – 你好",
        ["Erste Zeile", ".", ".. zwei Punkte"],
        b"%PDF-1.7 \x00\xff",
        "ana@example.org",
    )


def test_several_messages_of_one_connection_are_several_files(catcher: tuple[int, Path]) -> None:
    port, folder = catcher
    before = len(caught(folder))
    with smtplib.SMTP("127.0.0.1", port) as client:
        for number in range(3):
            client.send_message(message(f"Nr. {number}", "text"))
    assert [mail["Subject"] for mail in caught(folder)[before:]] == ["Nr. 0", "Nr. 1", "Nr. 2"]


def test_message_cut_off_is_not_kept(catcher: tuple[int, Path]) -> None:
    port, folder = catcher
    before = len(caught(folder))
    client = smtplib.SMTP("127.0.0.1", port)
    client.mail("a@example.org")
    client.rcpt("b@example.org")
    client.docmd("DATA")
    client.send(b"Subject: half\r\n\r\nno end")
    client.close()
    assert answers(port)
    assert len(caught(folder)) == before


@pytest.mark.parametrize(
    ("command", "code"), [("DATA", 503), ("RCPT TO:<a@b.example>", 503), ("EXPN all", 502), ("VRFY ana", 252)]
)
def test_wrong_order_and_unknown_words_are_refused(
    catcher: tuple[int, Path], command: str, code: int
) -> None:
    with smtplib.SMTP("127.0.0.1", catcher[0]) as client:
        client.ehlo()
        assert client.docmd(command)[0] == code


def test_too_big_a_message_is_refused_and_the_connection_goes_on(catcher: tuple[int, Path]) -> None:
    port, folder = catcher
    before = len(caught(folder))
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.ehlo("here")
        client.mail("a@example.org")
        client.rcpt("b@example.org")
        code, _ = client.data("x" * 70 + "\r\n" + ("y" * 998 + "\r\n") * (LIMIT // 1000 + 1))
        assert (code, client.noop()[0], len(caught(folder))) == (552, 250, before)
