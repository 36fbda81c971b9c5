"""How the sign-in library meets our product."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is open to everybody; everything else is the library's default."""
