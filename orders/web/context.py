"""What every page needs to know about the basket, read from a cookie, never from the database."""

from django.http import HttpRequest

from orders.web.cookies import read_basket


def basket(request: HttpRequest) -> dict[str, int]:
    """Return the number of things in the visitor's basket."""
    return {"basket_count": read_basket(request)[1]}
