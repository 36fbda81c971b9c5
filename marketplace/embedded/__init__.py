"""The database, the broker and the mail catcher that a single command brings up, and what keeps them running.

Owns: finding and starting the packaged PostgreSQL and Valkey, their secrets, ports and data under
`.rightful/`, the supervisor behind `bin/up`, backup and restore. Pure Python without Django: the application
is only ever started as a child process, so a broken application never keeps its own services from coming up.
Does not own: production. There, DATABASE_URL, REDIS_URL and EMAIL_HOST name real servers.
"""
