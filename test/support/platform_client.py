"""The platform's side of the integration guide: a subscriber, a progress widget and an import panel over Redis.

Usage: platform_client.py REDIS_URL. Prints one JSON line for each thing it would show, `ready` whenever it listens, and
ends after the first `data_import_completed`. It comes back by itself when Redis was away.
"""

import json
import sys
import time
from datetime import datetime

import redis


def show(kind, **facts):
    print(json.dumps({"show": kind, **facts}), flush=True)


class ImportProgressWidget:
    """Reads every field without asking whether it is there, as the guide's widget does."""

    def handle_progress_update(self, data):
        payload = data["payload"]
        eta = datetime.fromisoformat(payload["estimated_completion"])
        show(
            "progress",
            bar=payload["percentage"],
            symbol=f"Processing: {payload['current_symbol']}",
            stats=(
                f"Completed: {payload['completed']} | Failed: {payload['failed']}"
                f" | Remaining: {payload['remaining']}"
            ),
            eta=f"ETA: {eta.strftime('%I:%M %p')}",
            zone=str(eta.tzinfo),
        )


def handle_import_events(data):
    payload = data["payload"]
    if data["event"] == "data_import_started":
        show("started", run_id=payload["run_id"], universes=payload["universe_names"], total=payload["total_symbols"])
    elif data["event"] == "data_import_completed":
        show(
            "completed",
            run_id=payload["run_id"],
            symbols=f"Import completed: {payload['successful_symbols']}/{payload['total_symbols']} symbols",
            records=f"Records imported: {payload['total_records_imported']}",
            rate=f"Success rate: {payload['success_rate']:.1f}%",
            seconds=payload["duration_seconds"],
        )
    elif data["event"] == "symbol_processing_complete" and not payload["success"]:
        show("symbol failed", symbol=payload["symbol"])


def handle_errors(data):
    payload = data["payload"]
    show(
        "error",
        severity=payload["severity"],
        code=payload["error_code"],
        symbol=payload["context"].get("symbol"),
        action=payload["recovery_action"],
    )


def listen(url):
    widget = ImportProgressWidget()
    pubsub = redis.Redis.from_url(url, decode_responses=True).pubsub()
    pubsub.subscribe("tickstock:monitoring", "tickstock:errors")
    show("ready")
    for message in pubsub.listen():
        if message["type"] != "message":
            continue
        data = json.loads(message["data"])
        if message["channel"] == "tickstock:errors":
            handle_errors(data)
        elif data["event"] == "job_progress_update":
            widget.handle_progress_update(data)
        else:
            handle_import_events(data)
        if data["event"] == "data_import_completed":
            return


if __name__ == "__main__":
    while True:
        try:
            listen(sys.argv[1])
            break
        except redis.exceptions.ConnectionError:
            time.sleep(0.1)
