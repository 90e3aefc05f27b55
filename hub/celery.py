"""The Celery app: it runs sweeps and heavy work, and carries nothing that matters.

What must happen later is a row that a sweep finds, so a lost message heals at the next tick and a doubled one changes
nothing. Hence: no ETA, no results, no `.delay()` in a request, and a killed task is given to another worker.
"""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_init
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings")

TASK_SECONDS = 540
"""A task that takes longer is killed. Shorter than the visibility timeout, so that no task ever runs twice at once."""

app = Celery("cabas")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_max_tasks_per_child=500,
    worker_hijack_root_logger=False,
    task_time_limit=TASK_SECONDS,
    task_soft_time_limit=TASK_SECONDS - 60,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_serializer="json",
    result_serializer="json",
    accept_content=["json"],
    task_queues=[Queue("money"), Queue("default"), Queue("pdf")],
    task_default_queue="default",
    task_create_missing_queues=False,
    # A publisher that meets a dead broker fails at once: whoever published wrote a row that the next tick finds.
    task_publish_retry=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    # The defaults give a killed worker's task back after an hour, looking only every 100 seconds.
    broker_transport_options={
        "visibility_timeout": 600,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        # For publishers; a worker goes on trying for ever.
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.2,
    },
    timezone="UTC",
    # One interval needs no file of last runs, and a stale one could skip a tick.
    beat_scheduler="celery.beat:Scheduler",
    beat_schedule={
        "tick": {
            "task": "distribution.tasks.sweep",
            "schedule": 60.0,
            # A tick nobody took within the minute is replaced by the next one.
            "options": {"expires": 60, "queue": "default"},
        },
    },
)
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_dangerous_settings(**kwargs: Any) -> None:
    """Worker and scheduler refuse what the web server refuses."""
    from hub import checks

    checks.refuse_to_boot()
