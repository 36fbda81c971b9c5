"""Bank accounts: the shape of their numbers. Pure.

Source: ISO 13616-1 (IBAN, check digits by ISO 7064 mod 97-10); ISO 9362 (BIC).
"""

from __future__ import annotations

import re

from marketplace.kernel.errors import Invalid

_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_NUMBER = re.compile(r"[A-Z0-9]{4,34}")
_BANK = re.compile(r"[A-Z0-9]{6,12}")


class BadAccount(Invalid):
    code, title = "bad_account", "This is not the number of a bank account."


def check_account(number: str, bank_code: str = "") -> tuple[str, str]:
    """Return an account's number and bank code without spaces, in capitals.

    :raises BadAccount: for an IBAN whose check digits are wrong, or a number of another form without a bank code.
    """
    compact = re.sub(r"[\s-]", "", number).upper()
    bank = re.sub(r"[\s-]", "", bank_code).upper()
    if _IBAN.fullmatch(compact):
        if not is_iban(compact):
            raise BadAccount("The check digits of this IBAN are wrong.", field="number")
        return compact, bank
    if not _NUMBER.fullmatch(compact):
        raise BadAccount(field="number")
    if not _BANK.fullmatch(bank):
        raise BadAccount("Where there is no IBAN, the bank code or BIC is needed.", field="bank_code")
    return compact, bank


def is_iban(number: str) -> bool:
    """Tell whether a compact IBAN's check digits are right."""
    turned = number[4:] + number[:4]
    return int("".join(str(int(letter, 36)) for letter in turned)) % 97 == 1
