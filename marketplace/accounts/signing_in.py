"""Signing in to the administration."""

from __future__ import annotations

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.models import AbstractBaseUser
from django.forms import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from unfold.forms import AuthenticationForm


class AdminSignInForm(AuthenticationForm):
    """E-mail address and password; whoever has a second factor is sent where it is asked for."""

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        """Refuse to let a password alone in where the account asks for more."""
        super().confirm_login_allowed(user)
        if is_mfa_enabled(user):
            where = f"{reverse('account_login')}?next={reverse('admin:index')}"
            said = _("Your account has a second factor. Sign in where it is asked for; you come back here.")
            link = format_html('{} <a href="{}">{}</a>', said, where, _("Sign in"))
            raise ValidationError(link, code="second_factor")
