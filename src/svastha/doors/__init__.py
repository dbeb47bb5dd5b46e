"""How people come in. A door parses, opens one transaction, calls one verb, and renders what it answers."""
