"""What Svastha is made of, and whether it may be shipped: ``python -m supply``, or ``make check-supply``.

Every check is a function that takes the folder to look at and returns a :class:`Report`.
"""
