"""Machines: article → segments → drafts → PO, and signed texts → pages. Knows nothing of people or policy."""
