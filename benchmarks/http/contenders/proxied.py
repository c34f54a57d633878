"""Ours behind nginx, which compresses: on one machine the proxy shares the cores with everybody else."""

import os
import shutil
import sys
from pathlib import Path
from string import Template

from benchmarks.http.cluster import free_port
from benchmarks.http.contenders import Command
from benchmarks.http.contenders.ours import Ours
from benchmarks.http.installation import Installation

# Locations and types as in deploy/nginx.conf, without TLS and without its limit for each address.
NGINX = Template("""
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
error_log $folder/error.log;
events { worker_connections 256; }
http {
    access_log off;
    client_body_temp_path $folder/body;
    proxy_temp_path $folder/proxy;
    fastcgi_temp_path $folder/fastcgi;
    uwsgi_temp_path $folder/uwsgi;
    scgi_temp_path $folder/scgi;
    gzip on;
    gzip_types application/json application/geo+json;
    server {
        listen 127.0.0.1:$port;
        location / { proxy_pass http://127.0.0.1:$behind; proxy_set_header X-Forwarded-For $$http_x_forwarded_for; }
    }
}
""")


class Proxied(Ours):
    """Asked like ours."""

    name = "ours behind nginx"

    def command(self, installation: Installation, port: int) -> Command:
        """A shell that runs both; what ends it ends them."""
        folder, behind = installation.folder / "nginx", free_port()
        folder.mkdir(exist_ok=True)
        written = folder / "nginx.conf"
        user = "user root;\n" if os.geteuid() == 0 else ""
        written.write_text(user + NGINX.substitute(folder=folder, port=port, behind=behind))
        ours = super().command(installation, behind)
        program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin") or "nginx"
        nginx: list[str | Path] = [program, "-e", folder / "error.log", "-c", written]
        words = [sys.executable, "-m", "benchmarks.http.both", *nginx, "--", *ours.words]
        return Command(words, ours.environment, ours.ready)
