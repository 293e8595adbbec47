"""Customers who chat with the example: `python visitors.py http://127.0.0.1:8000 50`."""

from __future__ import annotations

import asyncio
import random
import sys

import httpx

QUESTIONS = (
    "Where is my parcel?",
    "Which tyre fits my bike?",
    "My display is broken",
    "Can I have a refund?",
    "Do you deliver to Norway?",
    "I want to talk to a human",
)
# The others close the page without a word.
ENDING_SHARE = 0.8
SITES = ("fiido-de", "fiido-us", "fiido-fr")


async def visit(client: httpx.AsyncClient, number: int) -> None:
    """Hold one conversation."""
    dice = random.Random(number)  # noqa: S311 - a fake
    opening = {
        "channel": dice.choice(("web", "whatsapp")),
        "site": dice.choice(SITES),
        "customer_id": f"c{number % 40}",
    }
    session_id = (await client.post("/sessions", json=opening)).json()["session_id"]
    for _ in range(dice.randint(0, 4)):
        text = dice.choice(QUESTIONS)
        await client.post(f"/sessions/{session_id}/messages", json={"text": text})
    if dice.random() < ENDING_SHARE:
        await client.post(f"/sessions/{session_id}/end")


async def main(url: str, visits: int) -> None:
    """Let visitors come, ten at a time."""
    places = asyncio.Semaphore(10)
    async with httpx.AsyncClient(base_url=url, timeout=30) as client:

        async def take_place(number: int) -> None:
            async with places:
                await visit(client, number)

        await asyncio.gather(*(take_place(number) for number in range(visits)))
        sys.stdout.write(f"{visits} visits: {(await client.get('/tracking')).json()}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
