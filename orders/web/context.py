"""What every page needs to know about the basket, read from a cookie, never from the database."""

from django.http import HttpRequest


def basket(request: HttpRequest) -> dict[str, int]:
    """Return the number of things in the visitor's basket."""
    return {"basket_count": 0}
