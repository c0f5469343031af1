"""`sd-connector` and `python -m connector`."""

from connector.cli.app import app


def main() -> None:
    """Run the command line."""
    app(prog_name="sd-connector")


if __name__ == "__main__":
    main()
