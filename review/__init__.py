"""People: who may sign, what came back, what it means, and what stands signed. Uses `pipeline`, never `signoff`."""
