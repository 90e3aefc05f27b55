"""Tasks of the ground. What is important is a row that a sweep finds; these only answer `manage.py demo_check`."""

from celery import shared_task
from django.core.cache import cache

from hub import pdf


@shared_task(name="hub.answer")
def answer(token: str) -> None:
    """Write a row that shows that a worker read the message and reaches the database."""
    cache.set(f"answer:{token}", "here", 300)


@shared_task(name="hub.answer_pdf", queue="pdf")
def answer_pdf(token: str) -> None:
    """The same, after making a PDF where documents are made: the row holds its beginning and its size."""
    content = pdf.render("<!doctype html><html lang='fr'><title>Cabas</title><p>Bonjour</p></html>")
    cache.set(f"answer:{token}", f"{content[:5].decode('latin-1')} {len(content)}", 300)
