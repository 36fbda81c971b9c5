"""What happened, what was said and what was promised cannot be rewritten: triggers refuse it, whoever tries."""

from django.db import migrations

from marketplace.kernel.frozen import frozen

# table → columns that may still change
FROZEN = {
    "complaints_calendarversion": (),
    "complaints_policyversion": (),
    "complaints_ticketevent": (),
    "complaints_message": ("author_id", "message_id", "sent_at"),
    "complaints_attachment": (),
    "complaints_escalation": ("done_at", "result"),
    "complaints_letter": (),
    "complaints_decision": ("agreed_by_id", "agreed_at", "executed_at"),
}


class Migration(migrations.Migration):
    dependencies = [("complaints", "0001_tickets")]
    operations = [*frozen(FROZEN)]
