"""The composition root: settings, addresses, the Celery application; beside it the kernel and the accounts."""

from marketplace.celery import app as celery_app

__all__ = ["celery_app"]
