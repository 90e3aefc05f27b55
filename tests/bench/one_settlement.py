"""The settlement of one collection in a program of its own: `python one_settlement.py CODE`."""

import sys

import django


def main() -> None:
    """Settle the collection of this code."""
    django.setup()
    from distribution import settlement
    from hub.models import Collection
    from tests import make

    if not settlement.settle(collection=Collection.objects.get(code=sys.argv[1]), now=make.now()):
        raise RuntimeError(f"{sys.argv[1]} was not to be settled")


if __name__ == "__main__":
    main()
