"""Do both drivers keep what store/db.py promises? On good days and on bad ones."""
