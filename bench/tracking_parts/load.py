"""A load generator: GET requests at a steady rate over kept-alive connections.

Open loop: a request is due at its time whether the ones before are answered or not, and
its latency counts from then, so that a stall is seen by all who wait in it.
"""

from __future__ import annotations

import asyncio
import json
import time

CONNECTIONS = 16


async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> bytes:
    """Send one request, return the body."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return await reader.readexactly(length)


async def fetch(port: int, path: str) -> dict[str, float]:
    """Ask once over a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answer: dict[str, float] = json.loads(await ask(reader, writer, path))
    writer.close()
    return answer


async def generate(port: int, rate: float, seconds: float) -> list[float]:
    """Offer `rate` requests a second; return the latencies in microseconds."""
    due: asyncio.Queue[float | None] = asyncio.Queue()
    latencies: list[float] = []

    async def connection() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (at := await due.get()) is not None:
            await ask(reader, writer, "/work")
            latencies.append((time.perf_counter() - at) * 1e6)
        writer.close()

    tasks = [asyncio.create_task(connection()) for _ in range(CONNECTIONS)]
    started = time.perf_counter()
    for number in range(int(rate * seconds)):
        at = started + number / rate
        wait = at - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        due.put_nowait(at)
    for _ in tasks:
        due.put_nowait(None)
    await asyncio.gather(*tasks)
    return latencies
