"""Measurements: what Cabas costs, each figure beside something measured in the same run (`bin/bench`, docs/performance.md).

They are no tests: a slow machine fails nothing. What must hold on any machine, the number of SQL statements, is asserted
in tests/house/test_statement_counts.py.
"""
