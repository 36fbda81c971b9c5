"""The settings of programs under test: the same services, two jobs, each every second."""

from marketplace.settings.test import *  # noqa: F403 -- settings modules extend each other by design

SCHEDULED_JOBS = {
    "sweep-clocks": ("complaints.tasks.sweep_clocks", 1),
    "relay-outbox": ("marketplace.kernel.tasks.relay_outbox", 1),
}
CELERY_BEAT_SCHEDULE = {
    name: {"task": task, "schedule": float(seconds)} for name, (task, seconds) in SCHEDULED_JOBS.items()
}
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
