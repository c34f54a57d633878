"""Official forms, statements, rosters and notices, as Word, PDF and Excel files."""
