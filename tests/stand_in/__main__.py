"""`python -m tests.stand_in PORT [--file STATE] [--events URL SECRET]`: a stand-in to play with, until it is stopped.

With a file it goes on where it stopped, killed or not.
"""

import argparse
import signal
from pathlib import Path
from threading import Event

from tests.stand_in import running


def main() -> None:
    """Serve until interrupted or told to stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.stand_in", description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--file", type=Path, help="where what it knows is kept")
    parser.add_argument("--events", nargs=2, metavar=("URL", "SECRET"), help="where events are sent, and how signed")
    asked = parser.parse_args()
    stopped = Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda _number, _frame: stopped.set())
    with running(port=asked.port, file=asked.file) as stripe:
        if asked.events:
            stripe.listen(*asked.events)
        print(f"A stand-in for Stripe: STRIPE_API_BASE={stripe.url} STRIPE_SECRET_KEY=sk_test_stand_in", flush=True)
        stopped.wait()


if __name__ == "__main__":
    main()
