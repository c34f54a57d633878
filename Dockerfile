# docker build -t xiaowu .          The whole installation: compose.yaml, docs/operations.md
FROM python:3.11-slim-bookworm AS build
WORKDIR /opt/xiaowu
COPY requirements.txt ./
RUN python -m venv .venv && .venv/bin/pip install --no-cache-dir --disable-pip-version-check -r requirements.txt
COPY app app
COPY deploy/gunicorn.conf.py deploy/
COPY migrations migrations
COPY qr_templates qr_templates
COPY static static
COPY translations translations
RUN for locale in zh_Hans_CN en; do \
        .venv/bin/pybabel -q compile -i "translations/$locale/LC_MESSAGES/messages.po" \
            -o "translations/$locale/LC_MESSAGES/messages.mo"; \
    done \
    && .venv/bin/python -m compileall -q app migrations

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore, for backups; of the server's version or newer.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 xiaowu \
    && useradd --uid 10001 --gid xiaowu --no-create-home --shell /usr/sbin/nologin xiaowu \
    && install -d -m 700 -o xiaowu -g xiaowu /var/lib/xiaowu /var/backups/xiaowu
COPY --from=build /opt/xiaowu /opt/xiaowu
WORKDIR /opt/xiaowu
ENV PATH=/opt/xiaowu/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    FLASK_APP=app.wsgi \
    BIND=0.0.0.0:8000 \
    XIAOWU_DATA=/var/lib/xiaowu
USER 10001:10001
VOLUME ["/var/lib/xiaowu", "/var/backups/xiaowu"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "deploy/gunicorn.conf.py", "app.wsgi:app"]
