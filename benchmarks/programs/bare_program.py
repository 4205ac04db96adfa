"""Plain Python: what the work itself takes, and for an acknowledged step one durable write."""

import asyncio
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor


def one(number):
    return number


async def one_async(number):
    return number


def hello(_count):
    assert one("hello world") == "hello world"


def direct(count):
    for number in range(count):
        one(number)


def mapped(count):
    with ThreadPoolExecutor() as pool:
        assert sum(pool.map(one, range(count))) == sum(range(count))


def gather(count):
    async def all_of_them():
        await asyncio.gather(*[one_async(number) for number in range(count)])

    asyncio.run(all_of_them())


def chain(count):
    value = 0
    with ThreadPoolExecutor(1) as pool:
        for _ in range(count):
            value = pool.submit(lambda n: n + 1, value).result()
    assert value == count


def logs(count):
    import logging

    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        log = logging.getLogger("bench")
        log.addHandler(logging.StreamHandler(nowhere))
        log.setLevel(logging.INFO)
        for number in range(count):
            log.info("line %d of the benchmark, which is some sixty characters long", number)


def acknowledged_local(count):
    import sqlite3

    database = sqlite3.connect("floor.db", isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute("CREATE TABLE IF NOT EXISTS step(number INTEGER, payload TEXT)")
    for number in range(count):
        database.execute("INSERT INTO step VALUES (?, '{}')", (one(number),))
    database.close()


def acknowledged_server(count):
    import psycopg

    with psycopg.connect(os.environ["BENCH_DATABASE"], autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS step(number BIGINT, payload TEXT)")
        for number in range(count):
            connection.execute("INSERT INTO step VALUES (%s, '{}')", (one(number),))


def measure(workload, count):
    began = time.perf_counter()
    globals()[workload](count)
    return {"seconds": time.perf_counter() - began}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
