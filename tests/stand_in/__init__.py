"""A stand-in for Stripe's API on loopback: strict, stateful, and able to fail like a network does.

Routes and parameters are read from the typed services of the installed SDK, so a call the SDK could not make is refused.
`with stand_in.running() as stripe:` gives a server on a free port; `python -m tests.stand_in 12111` starts one by hand.
"""

from tests.stand_in.server import StandIn, running

__all__ = ["StandIn", "running"]
