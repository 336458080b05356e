"""Creative concepts: an idea with its picture, its spoken words and its posts."""
