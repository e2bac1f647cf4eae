"""What the speed claims rest on. Every figure is also given as a ratio to something measured in the same run."""
