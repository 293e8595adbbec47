"""Every support event as a typed method. Generated: do not edit.

Made by tracking/generate_events.py from raw_loaders/catalogues/support.yml.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Literal, TypedDict

from casebook_tracking.checking import Field

if TYPE_CHECKING:
    from typing_extensions import NotRequired, Unpack

_STR = (str,)
_INT = (int,)
_NUMBER = (float, int)
_BOOL = (bool,)


class SessionStart(TypedDict):
    """Fields of `session.start`."""

    session_id: str
    channel: str
    user_agent: NotRequired[str | None]
    site: NotRequired[str | None]
    customer_id: NotRequired[str | None]


class SessionMessage(TypedDict):
    """Fields of `session.message`."""

    session_id: str
    role: Literal["user", "ai"]
    message_length: int
    response_time_ms: NotRequired[float | None]


class SessionEscalate(TypedDict):
    """Fields of `session.escalate`."""

    session_id: str
    reason: str
    severity: NotRequired[str | None]
    trigger_keyword: NotRequired[str | None]


class SessionEnd(TypedDict):
    """Fields of `session.end`."""

    session_id: str
    duration_seconds: NotRequired[float | None]
    message_count: NotRequired[int | None]
    resolved_by: NotRequired[Literal["ai", "human"] | None]


class SessionRated(TypedDict):
    """Fields of `session.rated`."""

    session_id: str
    score: int


class SessionIntent(TypedDict):
    """Fields of `session.intent`."""

    session_id: str
    intent: str
    confidence: NotRequired[float | None]


class QueryOrder(TypedDict):
    """Fields of `query.order`."""

    session_id: str
    order_number: str
    site: NotRequired[str | None]
    success: bool
    response_time_ms: NotRequired[float | None]


class QueryTracking(TypedDict):
    """Fields of `query.tracking`."""

    session_id: str
    tracking_number: str
    carrier: NotRequired[str | None]
    success: bool
    status: NotRequired[str | None]
    response_time_ms: NotRequired[float | None]


class AgentLogin(TypedDict):
    """Fields of `agent.login`."""

    agent_id: str
    agent_name: NotRequired[str | None]


class AgentLogout(TypedDict):
    """Fields of `agent.logout`."""

    agent_id: str
    work_duration_minutes: NotRequired[float | None]
    sessions_handled: NotRequired[int | None]


class AgentStatusChange(TypedDict):
    """Fields of `agent.status_change`."""

    agent_id: str
    from_status: NotRequired[str | None]
    to_status: str


class AgentHeartbeat(TypedDict):
    """Fields of `agent.heartbeat`."""

    agent_id: str


class AgentSessionTakeover(TypedDict):
    """Fields of `agent.session_takeover`."""

    agent_id: str
    session_id: str
    wait_duration_seconds: NotRequired[float | None]


class AgentSessionMessage(TypedDict):
    """Fields of `agent.session_message`."""

    agent_id: str
    session_id: str
    message_length: NotRequired[int | None]


class AgentSessionRelease(TypedDict):
    """Fields of `agent.session_release`."""

    agent_id: str
    session_id: str
    handle_duration_seconds: NotRequired[float | None]
    message_count: NotRequired[int | None]


class AgentSessionTransfer(TypedDict):
    """Fields of `agent.session_transfer`."""

    agent_id: str
    session_id: str
    target_agent_id: str
    reason: NotRequired[str | None]


class AgentSessionNote(TypedDict):
    """Fields of `agent.session_note`."""

    agent_id: str
    session_id: str


class TicketCreated(TypedDict):
    """Fields of `ticket.created`."""

    ticket_id: str
    source: NotRequired[str | None]
    type: NotRequired[str | None]
    priority: NotRequired[str | None]
    agent_id: NotRequired[str | None]
    session_id: NotRequired[str | None]


class TicketAssigned(TypedDict):
    """Fields of `ticket.assigned`."""

    ticket_id: str
    from_agent_id: NotRequired[str | None]
    to_agent_id: str


class TicketStatusChanged(TypedDict):
    """Fields of `ticket.status_changed`."""

    ticket_id: str
    from_status: NotRequired[str | None]
    to_status: str
    agent_id: NotRequired[str | None]


class TicketClosed(TypedDict):
    """Fields of `ticket.closed`."""

    ticket_id: str
    resolution_duration_hours: NotRequired[float | None]
    sla_met: NotRequired[bool | None]


class ApiCozeCall(TypedDict):
    """Fields of `api.coze_call`."""

    session_id: NotRequired[str | None]
    workflow_id: NotRequired[str | None]
    response_time_ms: NotRequired[float | None]
    success: bool
    input_tokens: NotRequired[int | None]
    output_tokens: NotRequired[int | None]


class ApiError(TypedDict):
    """Fields of `api.error`."""

    session_id: NotRequired[str | None]
    endpoint: NotRequired[str | None]
    error_type: str
    error_message: NotRequired[str | None]


class SupportEvents(ABC):
    """One method per support event: a wrong field is an error to the type checker.

    At run time the methods take any field: a wrong event is counted and sent as it is.
    """

    @abstractmethod
    def _record(self, event_type: str, data: object) -> None:
        """Take an event. Never blocks, never raises."""

    def session_start(self, **fields: Unpack[SessionStart]) -> None:
        """Track `session.start`: A customer opened a conversation."""
        self._record("session.start", fields)

    def session_message(self, **fields: Unpack[SessionMessage]) -> None:
        """Track `session.message`: The customer or the AI wrote a message.

        Units: message_length in characters, response_time_ms in ms.
        """
        self._record("session.message", fields)

    def session_escalate(self, **fields: Unpack[SessionEscalate]) -> None:
        """Track `session.escalate`: The AI or the customer asked for a human."""
        self._record("session.escalate", fields)

    def session_end(self, **fields: Unpack[SessionEnd]) -> None:
        """Track `session.end`: A conversation was closed.

        Units: duration_seconds in s, message_count in messages.
        """
        self._record("session.end", fields)

    def session_rated(self, **fields: Unpack[SessionRated]) -> None:
        """Track `session.rated`: The customer rated the conversation.

        Units: score in stars.
        """
        self._record("session.rated", fields)

    def session_intent(self, **fields: Unpack[SessionIntent]) -> None:
        """Track `session.intent`: The AI recognised what the customer wants.

        Units: confidence in share.
        """
        self._record("session.intent", fields)

    def query_order(self, **fields: Unpack[QueryOrder]) -> None:
        """Track `query.order`: An order was looked up.

        Units: response_time_ms in ms.
        """
        self._record("query.order", fields)

    def query_tracking(self, **fields: Unpack[QueryTracking]) -> None:
        """Track `query.tracking`: A parcel was looked up.

        Units: response_time_ms in ms.
        """
        self._record("query.tracking", fields)

    def agent_login(self, **fields: Unpack[AgentLogin]) -> None:
        """Track `agent.login`: An agent came to work."""
        self._record("agent.login", fields)

    def agent_logout(self, **fields: Unpack[AgentLogout]) -> None:
        """Track `agent.logout`: An agent left work.

        Units: work_duration_minutes in min, sessions_handled in sessions.
        """
        self._record("agent.logout", fields)

    def agent_status_change(self, **fields: Unpack[AgentStatusChange]) -> None:
        """Track `agent.status_change`: An agent changed the status."""
        self._record("agent.status_change", fields)

    def agent_heartbeat(self, **fields: Unpack[AgentHeartbeat]) -> None:
        """Track `agent.heartbeat`: An agent's workbench is open."""
        self._record("agent.heartbeat", fields)

    def agent_session_takeover(self, **fields: Unpack[AgentSessionTakeover]) -> None:
        """Track `agent.session_takeover`: An agent took a conversation over.

        Units: wait_duration_seconds in s.
        """
        self._record("agent.session_takeover", fields)

    def agent_session_message(self, **fields: Unpack[AgentSessionMessage]) -> None:
        """Track `agent.session_message`: An agent wrote a message.

        Units: message_length in characters.
        """
        self._record("agent.session_message", fields)

    def agent_session_release(self, **fields: Unpack[AgentSessionRelease]) -> None:
        """Track `agent.session_release`: An agent gave a conversation back.

        Units: handle_duration_seconds in s, message_count in messages.
        """
        self._record("agent.session_release", fields)

    def agent_session_transfer(self, **fields: Unpack[AgentSessionTransfer]) -> None:
        """Track `agent.session_transfer`: An agent handed a conversation to another."""
        self._record("agent.session_transfer", fields)

    def agent_session_note(self, **fields: Unpack[AgentSessionNote]) -> None:
        """Track `agent.session_note`: An agent wrote a note after the conversation."""
        self._record("agent.session_note", fields)

    def ticket_created(self, **fields: Unpack[TicketCreated]) -> None:
        """Track `ticket.created`: A ticket was opened."""
        self._record("ticket.created", fields)

    def ticket_assigned(self, **fields: Unpack[TicketAssigned]) -> None:
        """Track `ticket.assigned`: A ticket was given to an agent."""
        self._record("ticket.assigned", fields)

    def ticket_status_changed(self, **fields: Unpack[TicketStatusChanged]) -> None:
        """Track `ticket.status_changed`: A ticket changed its status."""
        self._record("ticket.status_changed", fields)

    def ticket_closed(self, **fields: Unpack[TicketClosed]) -> None:
        """Track `ticket.closed`: A ticket was closed.

        Units: resolution_duration_hours in h.
        """
        self._record("ticket.closed", fields)

    def api_coze_call(self, **fields: Unpack[ApiCozeCall]) -> None:
        """Track `api.coze_call`: The AI platform was called.

        Units: response_time_ms in ms, input_tokens in tokens, output_tokens in tokens.
        """
        self._record("api.coze_call", fields)

    def api_error(self, **fields: Unpack[ApiError]) -> None:
        """Track `api.error`: A call of another system failed."""
        self._record("api.error", fields)


# Field(types, is_required, minimum, maximum, choices)
RULES: dict[str, dict[str, Field]] = {
    "session.start": {
        "session_id": Field(_STR, is_required=True),
        "channel": Field(_STR, is_required=True),
        "user_agent": Field(_STR),
        "site": Field(_STR),
        "customer_id": Field(_STR),
    },
    "session.message": {
        "session_id": Field(_STR, is_required=True),
        "role": Field(_STR, is_required=True, choices=frozenset({"user", "ai"})),
        "message_length": Field(_INT, is_required=True, minimum=0, maximum=2_147_483_647),
        "response_time_ms": Field(_NUMBER, minimum=0, maximum=1e12),
    },
    "session.escalate": {
        "session_id": Field(_STR, is_required=True),
        "reason": Field(_STR, is_required=True),
        "severity": Field(_STR),
        "trigger_keyword": Field(_STR),
    },
    "session.end": {
        "session_id": Field(_STR, is_required=True),
        "duration_seconds": Field(_NUMBER, minimum=-1e12, maximum=1e12),
        "message_count": Field(_INT, minimum=0, maximum=2_147_483_647),
        "resolved_by": Field(_STR, choices=frozenset({"ai", "human"})),
    },
    "session.rated": {
        "session_id": Field(_STR, is_required=True),
        "score": Field(_INT, is_required=True, minimum=1, maximum=5),
    },
    "session.intent": {
        "session_id": Field(_STR, is_required=True),
        "intent": Field(_STR, is_required=True),
        "confidence": Field(_NUMBER, minimum=0, maximum=1),
    },
    "query.order": {
        "session_id": Field(_STR, is_required=True),
        "order_number": Field(_STR, is_required=True),
        "site": Field(_STR),
        "success": Field(_BOOL, is_required=True),
        "response_time_ms": Field(_NUMBER, minimum=0, maximum=1e12),
    },
    "query.tracking": {
        "session_id": Field(_STR, is_required=True),
        "tracking_number": Field(_STR, is_required=True),
        "carrier": Field(_STR),
        "success": Field(_BOOL, is_required=True),
        "status": Field(_STR),
        "response_time_ms": Field(_NUMBER, minimum=0, maximum=1e12),
    },
    "agent.login": {
        "agent_id": Field(_STR, is_required=True),
        "agent_name": Field(_STR),
    },
    "agent.logout": {
        "agent_id": Field(_STR, is_required=True),
        "work_duration_minutes": Field(_NUMBER, minimum=-1e12, maximum=1e12),
        "sessions_handled": Field(_INT, minimum=0, maximum=2_147_483_647),
    },
    "agent.status_change": {
        "agent_id": Field(_STR, is_required=True),
        "from_status": Field(_STR),
        "to_status": Field(_STR, is_required=True),
    },
    "agent.heartbeat": {
        "agent_id": Field(_STR, is_required=True),
    },
    "agent.session_takeover": {
        "agent_id": Field(_STR, is_required=True),
        "session_id": Field(_STR, is_required=True),
        "wait_duration_seconds": Field(_NUMBER, minimum=-1e12, maximum=1e12),
    },
    "agent.session_message": {
        "agent_id": Field(_STR, is_required=True),
        "session_id": Field(_STR, is_required=True),
        "message_length": Field(_INT, minimum=0, maximum=2_147_483_647),
    },
    "agent.session_release": {
        "agent_id": Field(_STR, is_required=True),
        "session_id": Field(_STR, is_required=True),
        "handle_duration_seconds": Field(_NUMBER, minimum=-1e12, maximum=1e12),
        "message_count": Field(_INT, minimum=0, maximum=2_147_483_647),
    },
    "agent.session_transfer": {
        "agent_id": Field(_STR, is_required=True),
        "session_id": Field(_STR, is_required=True),
        "target_agent_id": Field(_STR, is_required=True),
        "reason": Field(_STR),
    },
    "agent.session_note": {
        "agent_id": Field(_STR, is_required=True),
        "session_id": Field(_STR, is_required=True),
    },
    "ticket.created": {
        "ticket_id": Field(_STR, is_required=True),
        "source": Field(_STR),
        "type": Field(_STR),
        "priority": Field(_STR),
        "agent_id": Field(_STR),
        "session_id": Field(_STR),
    },
    "ticket.assigned": {
        "ticket_id": Field(_STR, is_required=True),
        "from_agent_id": Field(_STR),
        "to_agent_id": Field(_STR, is_required=True),
    },
    "ticket.status_changed": {
        "ticket_id": Field(_STR, is_required=True),
        "from_status": Field(_STR),
        "to_status": Field(_STR, is_required=True),
        "agent_id": Field(_STR),
    },
    "ticket.closed": {
        "ticket_id": Field(_STR, is_required=True),
        "resolution_duration_hours": Field(_NUMBER, minimum=-1e12, maximum=1e12),
        "sla_met": Field(_BOOL),
    },
    "api.coze_call": {
        "session_id": Field(_STR),
        "workflow_id": Field(_STR),
        "response_time_ms": Field(_NUMBER, minimum=0, maximum=1e12),
        "success": Field(_BOOL, is_required=True),
        "input_tokens": Field(_INT, minimum=0, maximum=2_147_483_647),
        "output_tokens": Field(_INT, minimum=0, maximum=2_147_483_647),
    },
    "api.error": {
        "session_id": Field(_STR),
        "endpoint": Field(_STR),
        "error_type": Field(_STR, is_required=True),
        "error_message": Field(_STR),
    },
    "tracker.heartbeat": {
        "sent": Field(_INT, is_required=True, minimum=0, maximum=9_007_199_254_740_991),
        "spooled": Field(_INT, is_required=True, minimum=0, maximum=9_007_199_254_740_991),
        "dropped": Field(_INT, is_required=True, minimum=0, maximum=9_007_199_254_740_991),
        "errors": Field(_INT, is_required=True, minimum=0, maximum=9_007_199_254_740_991),
    },
}
