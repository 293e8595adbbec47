"""The sources that are landed, in the order in which they are."""

from __future__ import annotations

# Name and what lands, as the lineage says it.
SOURCES = {
    "support": "Events of the AI customer service and the agent workbench, as landed.",
    "qwen_code": "Telemetry of the AI coding agent, as landed.",
    "coze_studio": "Product events of the agent-building studio, as landed.",
    "ai_admin": "Rows of the AI back office and their changes, as landed.",
}
