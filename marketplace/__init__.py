"""The composition root: settings, addresses, the Celery application; beside it the kernel and the accounts.

Nothing is imported here: `python -m marketplace.embedded` must run before anything is installed.
"""
