"""A payout run by file in a program of its own: `python payout_run.py FARMS`, for the farms whose code begins so."""

import sys

import django


def main() -> None:
    """Begin it, note that the bank has its file, and that it was executed."""
    django.setup()
    from distribution import payouts
    from distribution.models import Statement
    from hub.models import Member
    from tests import make

    numbers = Statement.objects.filter(producer__code__startswith=f"{sys.argv[1]}-").values_list("number", flat=True)
    by = Member.objects.earliest("pk")
    made = payouts.start(rail="file", numbers=list(numbers), by=by, now=make.now())
    payouts.sent(run=made, by=by, now=make.now())
    payouts.executed(run=made, by=by, now=make.now())


if __name__ == "__main__":
    main()
