"""What a full stop may mean, one table per language; read by sentences.py."""
