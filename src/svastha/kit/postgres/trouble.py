class ClusterTrouble(Exception):
    """PostgreSQL cannot run here: one or two sentences that say what to do."""
