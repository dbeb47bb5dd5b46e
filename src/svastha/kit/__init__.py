"""Tools that know none of our nouns: database, outbox, refusals, money, clock, ids, crypto, pdf."""
