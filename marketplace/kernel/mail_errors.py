"""Which failures of sending a letter will never pass by themselves."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused


def is_for_good(error: BaseException) -> bool:
    """Tell whether a mail server refused a letter's address or content for good (RFC 5321: a code of 500 and above).

    A server that refuses us as a sender or our password is our own affair and may be mended; that passes.
    """
    if isinstance(error, SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
        return bool(codes) and all(code >= 500 for code in codes)
    return isinstance(error, SMTPDataError) and error.smtp_code >= 500


def in_short(error: BaseException) -> str:
    """Return what a server said, without our own wrapping, on one line."""
    if isinstance(error, SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(words)}" for code, words in error.recipients.values())[:300]
    if isinstance(error, SMTPDataError):
        return f"{error.smtp_code} {_text(error.smtp_error)}"[:300]
    return f"{type(error).__name__}: {error}"[:300]


def _text(words: bytes | str) -> str:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    return " ".join(said.split())
