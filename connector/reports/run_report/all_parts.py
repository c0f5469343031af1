"""All parts of a report, in the order in which every format has them."""

from __future__ import annotations

from connector.reports.run_report.difference_parts import break_parts, explained_part, pending_part
from connector.reports.run_report.evidence_part import evidence_part
from connector.reports.run_report.figure_parts import (
    ageing_parts,
    endings_part,
    identities_part,
    matching_parts,
)
from connector.reports.run_report.key_figures import key_figures_part
from connector.reports.run_report.movement_parts import (
    cash_flow_part,
    restated_parts,
    roll_forward_parts,
)
from connector.reports.run_report.parts import Part
from connector.reports.run_report.people_parts import invoice_parts, payer_part, proposal_parts
from connector.reports.run_report.run_parts import run_part, sign_off_part, source_parts
from connector.reports.run_report.run_report import RunReport


def parts_of(report: RunReport) -> tuple[Part, ...]:
    """Return every part of *report*, empty ones too."""
    run = report.run
    breaks, by_code, by_age = break_parts(report)
    return (
        run_part(report),
        key_figures_part(run),
        identities_part(run),
        endings_part(run),
        by_code,
        by_age,
        breaks,
        evidence_part(report),
        pending_part(report),
        *matching_parts(run),
        explained_part(report),
        *proposal_parts(run),
        *ageing_parts(run),
        payer_part(run),
        *invoice_parts(run),
        cash_flow_part(run),
        *roll_forward_parts(run),
        *restated_parts(run),
        *source_parts(report),
        sign_off_part(report),
    )
