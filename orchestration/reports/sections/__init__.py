"""What the page says, in its order: a module each for what its readers ask."""

from __future__ import annotations

from orchestration.reports.marts import Month
from orchestration.reports.sections import quality, sales, savings, service, tickets, volumes
from orchestration.reports.sections.parts import Draft, Section
from orchestration.reports.wording import Language

__all__ = ["Section", "arrange"]


def arrange(month: Month, language: Language) -> list[Section]:
    """Give the page's sections; a site's page has those that marts know by site."""
    draft = Draft(month, language)
    sections = [
        sales.tell_sales(draft),
        savings.tell_savings(draft) if draft.is_of_all_sites else None,
        service.tell_ai(draft),
        service.tell_people(draft),
        tickets.tell_tickets(draft),
        volumes.tell_volumes(draft),
        quality.tell_quality(draft) if draft.is_of_all_sites else None,
    ]
    return [section for section in sections if section is not None]
