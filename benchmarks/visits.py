"""What one visit costs: CPU of web and database for each of its steps, asked one after the other on an idle service.

    .venv/bin/python -m benchmarks.visits [--visits 1000]

The service of the fault tests: gunicorn as deployed, two workers, a PostgreSQL of its own that syncs to disk. A visitor
opens the door's page, taps, is sent to her receipt, and rates. Each request is a connection of its own. Sealing of
what was tapped falls into whichever step runs at that moment.
"""

import argparse
import re
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.http.server import cpu_s
from tests.reliability.phones import Answer, Phones
from tests.reliability.setups import Place, on_postgresql

FINDER = "/api/v1/sites/nearest?lat=30.25&lon=120.16&limit=10"
TOKEN = re.compile(r'name="token" value="([^"]+)"')
STEP = "4"


def main() -> None:
    """Measure the steps of many visits, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=1000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        Path(folder).chmod(0o755)  # PostgreSQL runs as another user
        place = on_postgresql(stack, Path(folder))
        place.phones.load_tokens()
        print("| step | CPU of the web, ms | CPU of the database, ms |\n|---|---|---|")
        visit(place, given.visits)


def visit(place: Place, visits: int) -> None:
    """All visits take the first step, then all the second, and so on."""
    phones, codes = place.phones, [place.phones.codes[n % len(place.phones.codes)] for n in range(visits)]
    measured(place, "nearest ten", [lambda: phones.request("GET", FINDER)] * visits)
    measured(place, "door", [lambda code=code: phones.request("GET", f"/r/{code}") for code in codes])
    told = measured(place, "tap", [lambda code=code: tap(phones, code) for code in codes])
    receipts = [answer.headers["location"] for answer in told]
    pages = measured(place, "receipt", [lambda url=url: phones.request("GET", url) for url in receipts])
    forms = [{"token": TOKEN.findall(page.text)[0], "step": STEP} for page in pages]
    rating = [
        lambda url=url, form=form: phones.request("POST", f"{url}/rating", form)
        for url, form in zip(receipts, forms, strict=True)
    ]
    measured(place, "rating", rating)


def tap(phones: Phones, code: str) -> Answer:
    """A tap without the page's script, which is sent on to its receipt."""
    return phones.request("POST", f"/r/{code}", phones.form(code))


def measured(place: Place, step: str, requests: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Send the requests and print the CPU of one; raises RuntimeError for an answer that is an error."""
    assert place.cluster is not None
    assert place.service.process is not None
    pids = (place.service.process.pid, place.cluster.pid)
    before = [cpu_s(pid) for pid in pids]
    answers = [request() for request in requests]
    web, database = ((cpu_s(pid) - used) * 1000 / len(requests) for pid, used in zip(pids, before, strict=True))
    if wrong := [answer.status for answer in answers if answer.status not in (200, 303)]:
        raise RuntimeError(f"{step}: {len(wrong)} answers were errors, the first {wrong[0]}")
    print(f"| {step} | {web:.2f} | {database:.2f} |", flush=True)
    return answers


if __name__ == "__main__":
    main()
