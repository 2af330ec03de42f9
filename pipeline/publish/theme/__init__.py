"""How the site looks: templates, one style sheet, and the site's own words. Data, no code; content never gets here."""
