"""The operator's view of the engine room: read, and release what was parked."""

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from marketplace.kernel import clock, outbox
from marketplace.kernel.models import Command, Delivery, Event, JobRun


class ReadOnlyAdmin(ModelAdmin):
    """Rows that nobody edits by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["recorded_at", "name", "fanned_out_at", "request_id"]
    list_filter = ["name"]
    show_full_result_count = False


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ["event", "subscriber", "state", "attempts", "not_before", "last_error"]
    list_filter = ["state", "subscriber"]
    list_select_related = ["event"]
    actions = ["release_parked"]
    show_full_result_count = False

    @admin.action(description="Try parked deliveries again", permissions=["view"])
    def release_parked(self, request: HttpRequest, queryset: object) -> None:
        ids = list(queryset.values_list("pk", flat=True))  # type: ignore[attr-defined]
        count = outbox.release(delivery_ids=ids, now=clock.now())
        self.message_user(request, f"{count} deliveries will be tried again.")


@admin.register(JobRun)
class JobRunAdmin(ReadOnlyAdmin):
    list_display = ["name", "slot", "outcome", "started_at", "finished_at"]
    list_filter = ["name", "outcome"]
    show_full_result_count = False


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin):
    list_display = ["scope", "started_at", "done_at"]
    show_full_result_count = False
