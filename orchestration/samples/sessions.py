"""One customer's session with the AI and, when it escalates, with agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchestration.samples.centres import (
    CARRIERS,
    CHANNELS,
    ENDPOINTS,
    ERROR_TYPES,
    ESCALATION_REASONS,
    INTENTS,
    KEYWORDS,
    SEVERITIES,
    SHIPMENT_STATUSES,
    SITES,
    TRANSFER_REASONS,
    USER_AGENTS,
    WORKBENCH,
    WORKFLOWS,
    Event,
)
from orchestration.samples.draws import Choice, name_of, spread

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from orchestration.samples.rosters import Roster

_SITE, _CHANNEL, _USER_AGENT = Choice(SITES), Choice(CHANNELS), Choice(USER_AGENTS)
_REASON, _SEVERITY, _KEYWORD = Choice(ESCALATION_REASONS), Choice(SEVERITIES), Choice(KEYWORDS)
_INTENT, _CARRIER, _SHIPMENT = Choice(INTENTS), Choice(CARRIERS), Choice(SHIPMENT_STATUSES)
_WORKFLOW, _ENDPOINT, _ERROR = Choice(WORKFLOWS), Choice(ENDPOINTS), Choice(ERROR_TYPES)
_TRANSFER_REASON = Choice(TRANSFER_REASONS)

# Shares of sessions, each a case that metrics.md tells apart.
EMPTY_SHARE = 0.08
ESCALATED_SHARE = 0.22
ANONYMOUS_SHARE = 0.12
UNANSWERED_SHARE = 0.09
EXPLICIT_END_SHARE = 0.6
RATED_SHARE = 0.15
# Of the sessions an agent takes: clocks apart by seconds, by most of a minute.
SKEWED_SHARE, BADLY_SKEWED_SHARE = 0.04, 0.01


class Session:
    """A session as it unfolds: each method lets something happen and moves its time on."""

    def __init__(self, rng: Random, start_ms: int, producer: str, customer_id: str) -> None:
        self.session_id = name_of(rng)
        self.events: list[Event] = []
        self.last_agent_id: str | None = None
        self._rng, self._at, self._start = rng, start_ms, start_ms
        self._producer = producer
        self._site = _SITE.draw(rng)
        self._messages = 0
        is_anonymous = rng.random() < ANONYMOUS_SHARE
        self._emit(
            "session.start",
            {
                "session_id": self.session_id,
                "channel": _CHANNEL.draw(rng),
                "user_agent": _USER_AGENT.draw(rng),
                "site": self._site,
                "customer_id": None if is_anonymous else customer_id,
            },
        )

    def unfold(self, roster: Roster) -> Session:
        """Let the whole session happen."""
        draw = self._rng.random
        if draw() >= EMPTY_SHARE:
            self._chat(turns=1 + int(spread(self._rng, 1.6)))
            if draw() < ESCALATED_SHARE:
                self._escalate(roster)
            elif draw() < UNANSWERED_SHARE:
                self._customer_writes()
        if draw() < EXPLICIT_END_SHARE:
            self._end()
        return self

    def _emit(self, name: str, data: Mapping[str, object], producer: str | None = None) -> None:
        self.events.append(Event(self._at, producer or self._producer, name, data))

    def _wait(self, median_seconds: float) -> None:
        self._at += round(spread(self._rng, median_seconds) * 1000)

    def _chat(self, turns: int) -> None:
        if self._rng.random() < 0.2:
            data = {
                "session_id": self.session_id,
                "intent": _INTENT.draw(self._rng),
                "confidence": round(self._rng.random(), 3),
            }
            self._emit("session.intent", data)
        for _ in range(turns):
            self._customer_writes()
            if self._rng.random() < 0.25:
                self._look_up()
            self._ai_answers()

    def _customer_writes(self) -> None:
        self._wait(14)
        self._messages += 1
        data = {
            "session_id": self.session_id,
            "role": "user",
            "message_length": int(self._rng.random() * 180) + 1,
        }
        self._emit("session.message", data)

    def _ai_answers(self) -> None:
        draw = self._rng.random
        response_ms = round(spread(self._rng, 1600))
        self._at += response_ms
        is_success = draw() >= 0.015
        call: dict[str, object] = {
            "session_id": self.session_id,
            "workflow_id": _WORKFLOW.draw(self._rng),
            "response_time_ms": response_ms,
            "success": is_success,
        }
        if self._producer.endswith("a"):
            call |= {"input_tokens": 400 + int(draw() * 2600), "output_tokens": int(draw() * 700)}
        self._emit("api.coze_call", call)
        if not is_success:
            self._emit(
                "api.error",
                {
                    "session_id": self.session_id,
                    "endpoint": _ENDPOINT.draw(self._rng),
                    "error_type": _ERROR.draw(self._rng),
                    "error_message": f"request {int(draw() * 1e6)} failed upstream",
                },
            )
        self._at += 3
        self._messages += 1
        answer = {
            "session_id": self.session_id,
            "role": "ai",
            "message_length": 20 + int(draw() * 600),
            "response_time_ms": response_ms,
        }
        self._emit("session.message", answer)

    def _look_up(self) -> None:
        """Ask for an order or a parcel; a failure is tried again within a minute."""
        draw = self._rng.random
        is_order = draw() < 0.55
        name = "query.order" if is_order else "query.tracking"
        number = f"{'SO' if is_order else 'LP'}{int(draw() * 1e10):010d}"
        field = "order_number" if is_order else "tracking_number"
        for _ in range(3):
            self._wait(4)
            is_success = draw() < 0.85
            data: dict[str, object] = {
                "session_id": self.session_id,
                field: number,
                "success": is_success,
                "response_time_ms": round(spread(self._rng, 420)),
            }
            if is_order:
                data["site"] = self._site
            else:
                data["carrier"] = _CARRIER.draw(self._rng)
                data["status"] = _SHIPMENT.draw(self._rng) if is_success else None
            self._emit(name, data)
            if is_success or draw() < 0.3:
                return

    def _escalate(self, roster: Roster) -> None:
        self._wait(5)
        data: dict[str, object] = {
            "session_id": self.session_id,
            "reason": _REASON.draw(self._rng),
            "severity": _SEVERITY.draw(self._rng),
            "trigger_keyword": _KEYWORD.draw(self._rng),
        }
        self._emit("session.escalate", data)
        escalated_ms = self._at
        if self._rng.random() < 0.05:
            self._wait(40)
            self._emit("session.escalate", data)
        self._wait(24)
        agent_id = roster.on_duty(self._at, self._rng)
        if agent_id is None:
            return
        skew = self._rng.random()
        if skew < SKEWED_SHARE:
            # The workbench's clock runs behind the chatbot's.
            self._at = escalated_ms - (40_000 if skew < BADLY_SKEWED_SHARE else 3_000)
        self._take_over(agent_id, wait_ms=max(0, self._at - escalated_ms))
        if self._rng.random() < 0.1:
            self._pass_on(agent_id, roster)

    def _take_over(self, agent_id: str, wait_ms: int) -> None:
        """Serve the customer; one in eight agents forgets to release the session."""
        self.last_agent_id = agent_id
        held = {"agent_id": agent_id, "session_id": self.session_id}
        taken_ms, draw = self._at, self._rng.random
        self._agent_does("takeover", {**held, "wait_duration_seconds": wait_ms / 1000})
        written = 0 if draw() < 0.04 else 1 + int(spread(self._rng, 2.2))
        for _ in range(written):
            self._wait(28)
            self._messages += 1
            self._agent_does("message", {**held, "message_length": 5 + int(draw() * 220)})
            if draw() < 0.6:
                self._customer_writes()
        if draw() < 0.12:
            self._agent_does("note", held)
        self._wait(20)
        if draw() >= 0.13:
            handle_seconds = round((self._at - taken_ms) / 1000)
            report = {"handle_duration_seconds": handle_seconds, "message_count": written}
            self._agent_does("release", {**held, **report})

    def _pass_on(self, agent_id: str, roster: Roster) -> None:
        """Give the session to a colleague: by a transfer, or by the colleague just writing."""
        colleague_id = roster.on_duty(self._at, self._rng)
        if colleague_id is None or colleague_id == agent_id:
            return
        if self._rng.random() < 0.6:
            transfer = {
                "agent_id": agent_id,
                "session_id": self.session_id,
                "target_agent_id": colleague_id,
                "reason": _TRANSFER_REASON.draw(self._rng),
            }
            self._agent_does("transfer", transfer)
            if self._rng.random() < 0.15:
                return
        self._wait(15)
        self._take_over(colleague_id, wait_ms=15_000)

    def _agent_does(self, what: str, data: Mapping[str, object]) -> None:
        self._emit(f"agent.session_{what}", data, WORKBENCH)

    def _end(self) -> None:
        self._wait(25)
        data = {
            "session_id": self.session_id,
            "duration_seconds": round((self._at - self._start) / 1000),
            "message_count": self._messages,
            "resolved_by": "human" if self.last_agent_id else "ai",
        }
        self._emit("session.end", data)
        if self._rng.random() < RATED_SHARE:
            self._wait(10)
            score = 1 + min(4, int(spread(self._rng, 3.4, 0.4)))
            self._emit("session.rated", {"session_id": self.session_id, "score": score})
