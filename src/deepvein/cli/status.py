"""`deepvein status`: how a node is."""

from __future__ import annotations

from deepvein.cli.node import Config, Folder, opened
from deepvein.cli.terminal import Terminal


def status(terminal: Terminal, *, config: Config = None, folder: Folder = None) -> None:
    """Show what waits, what failed and why, and whether the audit log is whole."""
    with opened("status", config, folder, there=True) as (settings, database):
        from deepvein.node.expiry import expiries
        from deepvein.node.readiness import troubles
        from deepvein.node.status import status as look

        found = look(database, expiries(settings), troubles(database, settings.folder))
    for hindrance in found.hindrances:
        terminal.show(hindrance)
    for name, counts in (
        ("studies", found.studies),
        ("screenings", found.jobs),
        ("deliveries", found.deliveries),
    ):
        told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
        terminal.show(f"{name}: {told or 'none'}")
    terminal.show(f"quarantined instances: {found.quarantined}")
    for reason, count in found.quarantine.items():
        terminal.show(f"{count} of them: {reason}")
    for reason, count in found.stuck.items():
        terminal.show(f"{count} files could not be taken in yet: {reason}")
    terminal.show(f"oldest waiting screening: {found.oldest_waiting_s:.0f} s")
    for one in found.troubles:
        where = f" to {one.destination}" if one.destination else ""
        how = "is tried again" if one.tried_again else "failed"
        terminal.show(f"study {one.study}{where} {how}: {one.reason}")
    if not all(one.tried_again for one in found.troubles):
        terminal.show("deepvein retry begins with them again, when the reasons are gone")
    for certificate in found.certificates:
        if certificate.is_soon:
            terminal.show(f"{certificate}: install a new one and start the node again")
    if found.broken_audit_row is not None:
        terminal.show(f"the audit log was changed at row {found.broken_audit_row}")
    terminal.emit(found)
