"""The report: the verdict on the terminal, as JSON, as Markdown and as a page."""
