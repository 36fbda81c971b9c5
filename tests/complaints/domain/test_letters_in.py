"""Letters that came by e-mail: what is new in them, what they answer, and who is a machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.domain.languages import detect_language
from complaints.domain.letters_in import as_text, new_in, read_letter


def letter(body: str, **headers: str) -> bytes:
    given_headers = {
        "From": "Ada K. <Ada@Example.com>",
        "Subject": "Lamp",
        "Message-ID": "<1@example.com>",
        **headers,
    }
    head = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in given_headers.items())
    return f"{head}\r\n{body}".encode()


@pytest.mark.parametrize(
    ("text", "new"),
    [
        (
            "It is broken.\n\nOn Mon, 23 Nov 2026 at 10:00, Rightful <post@x.example> wrote:\n> We have it.",
            "It is broken.",
        ),
        ("Kaputt.\n\nAm 23.11.2026 um 10:00 schrieb Rightful <post@x.example>:\n> Hallo", "Kaputt."),
        (
            "Cassée.\n\nLe lun. 23 nov. 2026 à 10:00, Rightful <post@x.example>\na écrit :\n> Bonjour",
            "Cassée.",
        ),
        ("Zepsuta.\n\nW dniu 23.11.2026 o 10:00, Rightful napisał(a):\n> Witaj", "Zepsuta."),
        ("Yes.\n-- \nAda\nTel. 030", "Yes."),
        ("Yes.\n\nSent from my phone", "Yes."),
        ("See below.\n-----Original Message-----\nFrom: Rightful", "See below."),
        ("> We have it.\nThis is inside.\n> Bye", "This is inside."),
        ("> only a quote", "> only a quote"),
        ("On Monday it broke. I wrote to you twice.", "On Monday it broke. I wrote to you twice."),
    ],
)
def test_only_what_is_new_is_kept(text: str, new: str):
    assert new_in(text) == new


def test_who_wrote_what_it_answers_and_which_number_it_names():
    found = read_letter(
        letter(
            "Still broken.",
            In_Reply_To="<a@x>",
            References="<b@x> <a@x>",
            To="post+c-7q2k9f3m@rightful.example",
        )
    )
    assert (found.sender, found.sender_name, found.answers, found.number, found.text, found.machine) == (
        "ada@example.com", "Ada K.", ("<a@x>", "<b@x>", "<a@x>"), "C-7Q2K9F3M", "Still broken.", "",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({"Auto_Submitted": "auto-replied"}, "auto-submitted"),
        ({"Auto_Submitted": "no"}, ""),
        ({"Precedence": "bulk"}, "list"),
        ({"List_Id": "<news.example>"}, "list"),
        ({"Return_Path": "<>"}, "bounce"),
        ({"Content_Type": "multipart/report; boundary=x"}, "bounce"),
        ({"From": "MAILER-DAEMON@example.com"}, "machine sender"),
        ({"From": "no-reply@example.com"}, "machine sender"),
        ({"X_Autoreply": "yes"}, "auto-reply"),
    ],
)
def test_machines_are_known(headers: dict[str, str], why: str):
    assert read_letter(letter("Away.", **headers)).machine == why


def test_an_html_letter_is_read_without_its_scripts_and_quotes():
    html = "<style>p{}</style><p>It <b>broke</b>.</p><script>alert(1)</script><blockquote>We have it.</blockquote>"
    assert new_in(as_text(html)) == "It broke."


@given(st.binary(max_size=600))
def test_no_letter_is_too_broken_to_be_read(raw: bytes):
    assert read_letter(raw).message_id


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Lampe ist kaputt und ich habe noch keine Antwort", "de"),
        ("The lamp is broken and I have no answer", "en"),
        ("La lampe est cassée et je n'ai pas de réponse", "fr"),
        ("Lampa nie działa i nadal nie mam odpowiedzi, proszę o zwrot", "pl"),
        ("La lámpara está rota y no me han contestado", "es"),
        ("灯坏了，没有人回答我", "zh-hans"),
        ("ランプが壊れました", "ja"),
        ("OK", "xx"),
    ],
)
def test_the_language_of_a_text_is_known_by_its_small_words(text: str, language: str):
    assert detect_language(text, otherwise="xx") == language
