"""Names of tables, fields and states speak the reader's language, and migrations see no difference."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import translation

from catalog.admin_forms import ListingForm
from catalog.models import ImportRun, Listing
from marketplace.kernel.management.commands.collect_labels import TARGET, module_text


def test_the_translators_have_every_name():
    assert TARGET.read_text(encoding="utf-8") == module_text(), "run bin/manage collect_labels"


def test_names_and_states_are_said_in_the_readers_language():
    with translation.override("de"):
        said = (
            str(Listing._meta.verbose_name_plural),
            str(ImportRun._meta.get_field("rows_refused").verbose_name),
            Listing(state="active").get_state_display(),
            str(ImportRun._meta.app_config.verbose_name),
        )

    assert said == ("Angebote", "abgelehnte Zeilen", "Aktiv", "Sortiment")


@pytest.mark.django_db
def test_migrations_see_no_difference():
    said = StringIO()

    call_command("makemigrations", "--check", "--dry-run", stdout=said)

    assert said.getvalue().strip() == "No changes detected"


def test_a_form_offers_states_in_the_readers_language():
    with translation.override("de"):
        offered = [str(name) for _, name in ListingForm.base_fields["condition"].choices]

    assert offered == ["Neu", "Gebraucht", "Aufgearbeitet"]
