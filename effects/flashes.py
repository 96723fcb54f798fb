"""How often something may flash before it endangers people (WCAG 2.2, 2.3.1: three flashes a second)."""

MOST_FLASHES = 3.0


def check_flashes(name: str, flashes: float) -> None:
    """Refuse what flashes more than three times a second.

    Raises ValueError.
    """
    if not 0 <= flashes <= MOST_FLASHES:
        raise ValueError(f"{name}: {flashes:g} flashes a second, at most {MOST_FLASHES:g} are safe")
