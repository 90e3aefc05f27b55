"""`python -m tests.stand_in PORT [WEBHOOK_URL SECRET]`: a stand-in to play with, until Ctrl-C."""

import sys
from threading import Event

from tests.stand_in import running


def main(arguments: list[str]) -> None:
    """Serve until interrupted."""
    if not arguments or not arguments[0].isdigit() or len(arguments) not in (1, 3):
        sys.exit(__doc__)
    with running(port=int(arguments[0])) as stripe:
        if len(arguments) == 3:
            stripe.listen(arguments[1], arguments[2])
        print(f"A stand-in for Stripe: STRIPE_API_BASE={stripe.url} STRIPE_SECRET_KEY=sk_test_stand_in")
        try:
            Event().wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
