"""What every app stands on: money, the clock, public ids, errors, the outbox, idempotent commands, job runs.

Pure modules (`money`, `clock`, `ids`, `errors`) import no Django. The rest is an installed app, `kernel`.
"""
