"""Papers of complaints."""

from complaints.documents.dossier import BrokenDossier, draw_dossier, verify_dossier

__all__ = ["BrokenDossier", "draw_dossier", "verify_dossier"]
