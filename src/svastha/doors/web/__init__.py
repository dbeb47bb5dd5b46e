"""Pages for people, grouped by who they are for. Every form and link works without script."""
