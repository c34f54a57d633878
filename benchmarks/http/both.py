"""Run two commands, separated by ``--``, until one of them ends: a server and the proxy before it as one server."""

import subprocess
import sys

if __name__ == "__main__":
    where = sys.argv.index("--")
    proxy = subprocess.Popen(sys.argv[1:where])
    try:
        subprocess.run(sys.argv[where + 1 :], check=True)
    finally:
        proxy.terminate()
