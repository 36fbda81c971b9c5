"""Money as whole minor units and a currency; never a float, never rounded in silence.

In the database an amount is a BIGINT column ``<name>_minor`` beside a ``currency``
column (ISO 4217). Here it is `Money`. The number of decimals comes from CLDR by way
of Babel; where practice differs from CLDR (HUF), CLDR stands.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from babel.core import UnknownLocaleError
from babel.numbers import format_currency, get_currency_precision, list_currencies

from marketplace.kernel.errors import Invalid

CURRENCIES = frozenset(list_currencies())


class CurrencyMismatch(Invalid):
    code, title = "currency_mismatch", "Two amounts in different currencies cannot be added."


class UnknownCurrency(Invalid):
    code, title = "unknown_currency", "This is not an ISO 4217 currency."


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency: EUR 2, JPY 0, KWD 3."""
    if currency not in CURRENCIES:
        raise UnknownCurrency(
            f"{currency!r} is not an ISO 4217 currency.", field="currency", currency=currency
        )
    return get_currency_precision(currency)


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents, yen) of one currency."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str, *, rounding: str = ROUND_HALF_UP) -> Money:
        """Return an amount given in major units, rounded to the currency's decimals.

        :raises Invalid: if the amount is not a finite number or the currency is unknown.
        """
        places = exponent(currency)
        try:
            value = Decimal(amount)
            return cls(int(value.scaleb(places).quantize(Decimal(1), rounding=rounding)), currency)
        except (ArithmeticError, ValueError) as error:
            raise Invalid(f"{amount!r} is not an amount of money.", field="amount") from error

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def times(self, factor: Decimal | int, *, rounding: str = ROUND_HALF_UP) -> Money:
        """Return the amount multiplied and rounded once, half up unless told otherwise."""
        product = (Decimal(self.minor) * Decimal(factor)).quantize(Decimal(1), rounding=rounding)
        return Money(int(product), self.currency)

    def split(self, weights: list[int]) -> list[Money]:
        """Return shares in proportion to `weights` whose sum is exactly this amount.

        Largest remainder method; ties go to the earlier share.
        """
        whole = sum(weights)
        if whole == 0:
            return [Money(self.minor if i == 0 else 0, self.currency) for i in range(len(weights))]
        floors = [self.minor * w // whole for w in weights]
        remainders = [(self.minor * w % whole, -i) for i, w in enumerate(weights)]
        left = self.minor - sum(floors)
        winners = {-i for _, i in sorted(remainders, reverse=True)[:left]}
        return [Money(f + (i in winners), self.currency) for i, f in enumerate(floors)]

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrencyMismatch(f"{self} and {other} are in different currencies.")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def display(self, language: str) -> str:
        """Return the amount as people write it in a language: ``€42.90``, ``42,90 €``."""
        return _written(self.minor, self.currency, language)


@lru_cache(maxsize=4096)  # a page says the same few amounts again and again
def _written(minor: int, currency: str, language: str) -> str:
    amount = Money(minor, currency).amount
    try:
        return str(format_currency(amount, currency, locale=language.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        return str(format_currency(amount, currency, locale="en"))


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Return the sum of amounts in one currency (zero of none)."""
    result = Money.zero(currency)
    for amount in amounts:
        result += amount
    return result
