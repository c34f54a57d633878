#!/bin/sh
# /usr/local/sbin/xiaowu: the commands of docs/operations.md with the service's settings and as its account; for root.
#
#   xiaowu accounts list
#
# Paths of files have to be absolute, and the account xiaowu has to be able to read them.
set -eu
set -a
. /etc/xiaowu.env
[ ! -e /etc/xiaowu-backup.env ] || . /etc/xiaowu-backup.env
set +a
umask 077
cd /opt/xiaowu/current
exec runuser -u xiaowu -- .venv/bin/flask --app app.wsgi "$@"
