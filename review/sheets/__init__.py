"""HTML sheets that people print: templates, nothing else."""
