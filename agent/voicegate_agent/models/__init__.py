"""Model profiles, and the recipes that made the models this project ships."""
