"""The quiz for people: its material, its order, its answers and what they prove."""
