"""Locust files: `locust -f loadtests` loads every file here whose name does not begin with an underscore."""
