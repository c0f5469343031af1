"""A shop's own copy of the mapping, which tests may change."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from connector.resources import shipped


@dataclass(frozen=True)
class OwnMapping:
    """The folder with ``channels`` and ``mappings`` of the channel shopify."""

    folder: Path

    @classmethod
    def copy(cls, folder: Path) -> OwnMapping:
        """Copy profile, rules and tables of the shop to *folder*."""
        for part in ("channels/shopify.yaml", "mappings/shopify.yaml"):
            (folder / part).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(shipped("config") / part, folder / part)
        shutil.copytree(shipped("config/mappings/shopify"), folder / "mappings/shopify")
        return cls(folder)

    @property
    def rules(self) -> Path:
        return self.folder / "mappings/shopify.yaml"

    @property
    def profile(self) -> Path:
        return self.folder / "channels/shopify.yaml"

    def change_rules(self, old: str, new: str) -> None:
        """Replace *old* in the rules, which must be there."""
        self.change(self.rules, old, new)

    def change_table(self, table: str, old: str, new: str) -> None:
        """Replace *old* in a table, which must be there."""
        self.change(self.folder / "mappings/shopify" / table, old, new)

    def change(self, path: Path, old: str, new: str) -> None:
        """Replace *old* in a file, which must be there."""
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def case(self, name: str) -> Path:
        """Put one of the shipped messages among the cases and return its folder."""
        case = self.folder / "mappings/shopify/cases" / name
        case.mkdir(parents=True)
        shutil.copy(shipped(f"fixtures/orders/shopify/{name}") / "order.json", case)
        return case
