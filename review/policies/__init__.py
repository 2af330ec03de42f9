"""The policies: one TOML file a version, never changed once it is published (review/policy.py reads them)."""
