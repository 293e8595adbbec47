"""A chatbot that tracks its sessions: FastAPI, a fake AI, the tracking client.

Start it with `uvicorn app:app`, CASEBOOK_TRACKING_SOURCE and _SPOOL set.
"""

from __future__ import annotations

import random
import time
import uuid

from casebook_tracking import get_tracker
from casebook_tracking.middleware.asgi import TrackingMiddleware
from conversations import Conversation
from fake_ai import AIPlatformError, ask
from fastapi import FastAPI, HTTPException, Request
from pydantic import BaseModel

WORKFLOW = "customer-service-v1"
dice = random.Random()  # noqa: S311 - a fake

tracker = get_tracker()
app = FastAPI(title="Chatbot")
app.add_middleware(TrackingMiddleware, tracker=tracker)


conversations: dict[str, Conversation] = {}


class Opening(BaseModel):
    """What the shop's page knows of the customer."""

    channel: str = "web"
    site: str | None = None
    customer_id: str | None = None


class Question(BaseModel):
    """What the customer writes."""

    text: str


@app.post("/sessions")
async def open_session(opening: Opening, request: Request) -> dict[str, str]:
    """Open a conversation."""
    session_id = str(uuid.uuid4())
    conversations[session_id] = Conversation()
    tracker.session_start(
        session_id=session_id,
        channel=opening.channel,
        site=opening.site,
        customer_id=opening.customer_id,
        user_agent=request.headers.get("user-agent"),
    )
    return {"session_id": session_id}


@app.post("/sessions/{session_id}/messages")
async def answer(session_id: str, question: Question) -> dict[str, str]:
    """Answer one message; hand over to a human when the AI is unsure."""
    conversation = _find(session_id)
    conversation.ask()
    tracker.session_message(session_id=session_id, role="user", message_length=len(question.text))
    started = time.perf_counter()
    try:
        with tracker.coze_call(session_id, WORKFLOW) as call:
            reply = await ask(question.text, dice)
            call.input_tokens, call.output_tokens = reply.input_tokens, reply.output_tokens
    except AIPlatformError:
        return {"text": "Something went wrong here. Please ask again."}
    tracker.session_message(
        session_id=session_id,
        role="ai",
        message_length=len(reply.text),
        response_time_ms=round((time.perf_counter() - started) * 1000),
    )
    conversation.answer()
    if reply.is_unsure and not conversation.is_escalated:
        conversation.is_escalated = True
        tracker.session_escalate(session_id=session_id, reason="ai_unsure", severity="normal")
    return {"text": reply.text}


@app.post("/sessions/{session_id}/end")
async def end_session(session_id: str) -> dict[str, str]:
    """Close a conversation."""
    conversation = _find(session_id)
    del conversations[session_id]
    tracker.session_end(
        session_id=session_id,
        duration_seconds=round(time.monotonic() - conversation.started, 3),
        message_count=conversation.message_count,
        resolved_by=conversation.resolved_by,
    )
    return {"session_id": session_id}


@app.get("/tracking")
async def tracking() -> dict[str, int]:
    """Show what became of this process's events."""
    return tracker.counters._asdict()


def _find(session_id: str) -> Conversation:
    try:
        return conversations[session_id]
    except KeyError:
        raise HTTPException(404, "no such session") from None
