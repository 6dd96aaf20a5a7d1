"""What a page is as a file: its source, its links and its place among the others."""
