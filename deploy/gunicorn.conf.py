"""gunicorn's settings for production: gunicorn -c deploy/gunicorn.conf.py app.wsgi:app"""

import os

bind = os.environ.get("BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", "3"))
worker_class = "gthread"
threads = 4
timeout = 30
graceful_timeout = 20
max_requests = 20_000
max_requests_jitter = 2_000
# Addresses of visitors and query strings stay out of every log (design, section 5).
accesslog = None
errorlog = "-"
loglevel = "warning"
# One process answers for the whole machine; nothing needs to steer it over a socket.
control_socket_disable = True
proc_name = "xiaowu"
