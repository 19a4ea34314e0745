"""Which page opens the work of a duty: kind of the duty → URL name, reversed with its subject's id."""

DUTY_PAGES: dict[str, str] = {}
