"""From the frozen content of a sheet to what its template prints: grouped, measured and put into words.

Nothing is counted here that the content does not already say; what is worked out is where it goes on the page.
"""
