"""`sd-connector` and `python -m connector`."""


def main() -> None:
    """Run the command line."""
    # Not before: processes that a command starts import this module, and need no command line.
    from connector.cli.app import app

    app(prog_name="sd-connector")


if __name__ == "__main__":
    main()
