"""What the web API's calls share: tokens, problems, idempotency, pages of lists, the shapes of amounts and times."""
