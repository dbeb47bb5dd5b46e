"""The rooms. Each stands on a floor and knows only the rooms below it; ``docs/house.md`` draws them."""
