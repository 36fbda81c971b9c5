# Two stages: the first builds, the second runs. The running image has no compiler, no package cache and no root.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements-production.lock /tmp/
RUN /venv/bin/pip install --require-hashes -r /tmp/requirements-production.lock
ENV PATH=/venv/bin:$PATH RIGHTFUL_HOME=/srv/rightful DJANGO_SETTINGS_MODULE=marketplace.settings.dev
WORKDIR /app
COPY . .
RUN python -m marketplace.embedded translations \
 && python manage.py collectstatic --noinput --verbosity=0 \
 && python -m compileall -q -j 0 /app

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /srv/rightful --shell /usr/sbin/nologin rightful \
 && install -d -o rightful -g rightful /data /data/media /data/mail
COPY --from=build /venv /venv
COPY --from=build /app /app
COPY --from=build /srv/rightful /srv/rightful
ENV PATH=/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=marketplace.settings.production \
    RIGHTFUL_HOME=/srv/rightful \
    MEDIA_ROOT=/data/media \
    WEB_CONCURRENCY=2
WORKDIR /app
USER rightful
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "marketplace.embedded", "health"]
CMD ["python", "-m", "gunicorn", "marketplace.wsgi:application", "--worker-class=sync", "--preload", "--timeout=60", "--graceful-timeout=10", "--no-control-socket", "--bind=0.0.0.0:8000"]
