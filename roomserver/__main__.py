"""`python -m roomserver` is `roomserver`."""

import signal


def main() -> None:
    """Run the command line; Ctrl-C while it is still being loaded ends it without a trace."""
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    from roomserver import cli  # loading it is what may be interrupted

    signal.signal(signal.SIGINT, handler)
    cli.main()


if __name__ == "__main__":
    main()
