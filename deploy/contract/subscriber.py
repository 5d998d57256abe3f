#!/usr/bin/env python3
"""Reads the events of Quittance, checks each against the contract and prints a line about it.

It knows nothing but asyncapi.json beside it: a start for a subscriber of your own. See README.md.
"""

import argparse
import asyncio
import json
import pathlib
import signal
import sys

from jsonschema import Draft7Validator, FormatChecker

CONTRACT = pathlib.Path(__file__).with_name("asyncapi.json")


class Contract:
    """The topics, headers and schemas of the AsyncAPI document."""

    def __init__(self, path=CONTRACT):
        document = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
        self.topics = [channel["address"] for channel in document["channels"].values()]
        self.headers = Draft7Validator(document["components"]["schemas"]["CloudEventHeaders"])
        self.schemas = {
            message["name"]: Draft7Validator(message["payload"]["schema"], format_checker=FormatChecker())
            for message in document["components"]["messages"].values()
        }

    def problems(self, headers, value):
        """What is wrong with a record, as sentences; none when it keeps the contract."""
        found = [self._sentence("header", error) for error in self.headers.iter_errors(headers)]
        try:
            data = json.loads(value)
        except ValueError as error:
            return found + [f"value: is not JSON: {error}"]
        schema = self.schemas.get(headers.get("ce_type"))
        # Events and versions of tomorrow are passed over, not refused.
        return found + [self._sentence("value", error) for error in schema.iter_errors(data)] if schema else found

    @staticmethod
    def _sentence(part, error):
        place = "/".join(str(step) for step in error.absolute_path)
        return f"{part} {place}: {error.message}" if place else f"{part}: {error.message}"


class Reader:
    """Judges records in the order they come; counts what a subscriber has to cope with."""

    def __init__(self, contract):
        self.contract = contract
        self.events = self.invalid = self.unknown = self.again = self.gaps = 0
        self.last = {}

    def read(self, record):
        """One line about one record."""
        self.events += 1
        headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
        problems = self.contract.problems(headers, record.value or b"")
        if headers.get("ce_subject") != (record.key or b"").decode("utf-8", "replace"):
            problems.append("key: is not the subject")
        if problems:
            self.invalid += 1
            return f"INVALID {record.topic}/{record.partition}@{record.offset} " + "; ".join(problems)
        known = headers["ce_type"] in self.contract.schemas
        self.unknown += not known
        # What is not known yet has its number among the others of its subject.
        order = self.order(headers)
        return " ".join([
            headers["ce_time"], headers["ce_type"], headers["ce_subject"], "#" + headers["ce_sequence"],
            order if known else f"unknown {order}",
        ])

    def order(self, headers):
        """Delivery is at least once and in order, so a number is the next one or was seen before."""
        aggregate = (headers["ce_source"], headers["ce_subject"])
        number, last = int(headers["ce_sequence"]), self.last.get(aggregate)
        if last is not None and number <= last:
            self.again += 1
            return "again"
        self.last[aggregate] = number
        if last is not None and number > last + 1:
            self.gaps += 1
            return f"gap-after-{last}"
        return "ok"

    def summary(self):
        return (f"{self.events} events: {self.invalid} invalid, {self.unknown} unknown, "
                f"{self.again} again, {self.gaps} gaps")


async def subscribe(options):
    from aiokafka import AIOKafkaConsumer

    contract = Contract(options.contract)
    reader = Reader(contract)
    consumer = AIOKafkaConsumer(
        *(options.topics.split(",") if options.topics else contract.topics),
        bootstrap_servers=options.bootstrap, group_id=options.group, auto_offset_reset="earliest",
        enable_auto_commit=False, fetch_max_wait_ms=100, session_timeout_ms=6000, heartbeat_interval_ms=1000)
    await consumer.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    try:
        while options.until is None or reader.events < options.until:
            wanted = None if options.until is None else options.until - reader.events
            batches = await consumer.getmany(timeout_ms=int(options.idle * 1000), max_records=wanted)
            if not batches:
                break
            for record in (record for records in batches.values() for record in records):
                print(reader.read(record), flush=True)
            if options.group:
                await consumer.commit()
    except asyncio.CancelledError:
        pass  # Told to stop: what was read is summed up all the same.
    finally:
        await consumer.stop()
    print(reader.summary(), flush=True)
    enough = options.until is None or reader.events >= options.until
    return 0 if enough and reader.invalid == 0 and reader.gaps == 0 else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bootstrap", default="127.0.0.1:9092", help="host:port of a broker")
    parser.add_argument("--topics", help="comma-separated; all of the contract by default")
    parser.add_argument("--group", help="consumer group whose place is kept; without one, always from the start")
    parser.add_argument("--until", type=int, help="stop after so many events")
    parser.add_argument("--idle", type=float, default=10, help="stop after so many seconds without an event")
    parser.add_argument("--contract", default=CONTRACT, help="path of asyncapi.json")
    sys.exit(asyncio.run(subscribe(parser.parse_args())))


if __name__ == "__main__":
    main()
