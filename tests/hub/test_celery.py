"""The worker's habits: what reliability rests on is set, and a dead broker is felt at once."""

import time

import pytest
from kombu.exceptions import OperationalError

from hub.celery import TASK_SECONDS, app


def test_a_killed_task_goes_to_another_worker_and_never_runs_twice_at_once() -> None:
    assert (app.conf.task_acks_late, app.conf.task_reject_on_worker_lost, app.conf.worker_prefetch_multiplier) == (
        True,
        True,
        1,
    )
    options = app.conf.broker_transport_options
    assert TASK_SECONDS == app.conf.task_time_limit < options["visibility_timeout"] == 600
    assert (options["unacked_restore_interval"], options["unacked_restore_throttle"]) == (2, 1)


def test_messages_are_json_and_results_nobodys() -> None:
    assert (app.conf.accept_content, app.conf.task_serializer, app.conf.task_ignore_result) == (["json"], "json", True)
    assert app.conf.result_backend is None


def test_three_queues_and_no_others() -> None:
    assert [queue.name for queue in app.conf.task_queues] == ["money", "default", "pdf"]
    assert app.conf.task_create_missing_queues is False


def test_one_tick_a_minute_that_is_a_task() -> None:
    app.loader.import_default_modules()
    (entry,) = app.conf.beat_schedule.values()
    assert (entry["task"], entry["schedule"], entry["options"]["expires"]) == ("distribution.tasks.sweep", 60.0, 60)
    assert entry["task"] in app.tasks


def test_every_task_of_ours_goes_to_a_queue_that_exists() -> None:
    app.loader.import_default_modules()
    queues = {queue.name for queue in app.conf.task_queues}
    ours = [task for name, task in app.tasks.items() if not name.startswith("celery.")]
    assert len(ours) >= 3
    assert [task.name for task in ours if (getattr(task, "queue", None) or "default") not in queues] == []


def test_publishing_to_a_dead_broker_fails_at_once() -> None:
    with app.connection_for_write("redis+socket:///nonexistent/valkey.sock") as dead:
        started = time.monotonic()
        with pytest.raises(OperationalError):
            app.send_task("hub.answer", ["token"], connection=dead)
        assert time.monotonic() - started < 5
