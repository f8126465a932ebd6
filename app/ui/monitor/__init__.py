"""Monitor: is it still right?"""
