"""Scheduled work of the engine room."""

from celery import shared_task

from marketplace.kernel import clock, commands, jobs, outbox


@shared_task(name="marketplace.kernel.tasks.relay_outbox")
def relay_outbox() -> None:
    """Hand out the news that waits."""
    jobs.run_slot(name="relay-outbox", work=lambda: {"deliveries": outbox.relay()})


@shared_task(name="marketplace.kernel.tasks.prune_commands")
def prune_commands() -> None:
    """Forget what nobody asks about any more."""
    jobs.run_slot(
        name="prune-commands",
        work=lambda: {"commands": commands.prune(), "runs": jobs.prune(now=clock.now())},
    )
