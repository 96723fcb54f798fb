"""How well two colours can be told apart, as the Web Content Accessibility Guidelines (WCAG 2.2) define it."""


def contrast(one: int, other: int) -> float:
    """The contrast ratio of two 24-bit RGB colours, 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: int) -> float:
    red, green, blue = (_linear((color >> shift & 0xFF) / 255) for shift in (16, 8, 0))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
