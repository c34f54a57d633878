#!/bin/sh
# Puts a version in the place of the one that runs, without turning anybody away; as root:
#
#   deploy/release.sh VERSION           a tag, a branch of origin or a commit
#
# /opt/xiaowu/source is the clone, /opt/xiaowu/releases has the versions side by side, /opt/xiaowu/current is the one that
# runs. What runs keeps its own files until it has ended. When the new one does not become ready, the old one goes on.
set -eu

home=${XIAOWU_HOME:-/opt/xiaowu}
restart=${XIAOWU_RESTART:-systemctl restart xiaowu}
ready=${XIAOWU_READY:-http://127.0.0.1:8000/readyz}
keep=3
[ $# -eq 1 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }

git -C "$home/source" fetch --quiet --tags origin
commit=$(git -C "$home/source" rev-parse --verify --quiet "origin/$1^{commit}" || git -C "$home/source" rev-parse --verify "$1^{commit}")
release=$home/releases/$(git -C "$home/source" log -1 --format=%cd-%h --date=format:%Y%m%d "$commit")
before=$(readlink -e "$home/current" || true)

if [ ! -e "$release/.complete" ]; then
    git -C "$home/source" worktree prune
    git -C "$home/source" worktree add --quiet --force --detach "$release" "$commit"
    make --no-print-directory -C "$release" release
    touch "$release/.complete"
fi

place() { ln -sfn "$1" "$home/current.new" && mv -T "$home/current.new" "$home/current"; }

is_ready() {
    "$home/current/.venv/bin/python" - "$ready" <<'PYTHON'
import sys, time, urllib.request
ends = time.monotonic() + 60
while True:
    try:
        urllib.request.urlopen(sys.argv[1], timeout=60)
        sys.exit(0)
    except OSError as error:
        if time.monotonic() > ends:
            sys.exit(f"Not ready: {error}")
        time.sleep(1)
PYTHON
}

place "$release"
if $restart && is_ready; then
    echo "Running: $release"
elif [ -n "$before" ] && [ "$before" != "$release" ]; then
    place "$before"
    $restart
    echo "The new version did not become ready; running again: $before" >&2
    exit 1
else
    exit 1
fi

# The newest ones stay, to go back to: deploy/release.sh COMMIT.
ls -1dt "$home"/releases/*/ | tail -n +$((keep + 1)) | while read -r old; do
    [ "$(readlink -f "$old")" = "$release" ] || git -C "$home/source" worktree remove --force "$old"
done
