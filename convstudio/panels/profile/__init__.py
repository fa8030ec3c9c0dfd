"""The profile: what each layer costs."""
