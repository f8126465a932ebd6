"""Pictures of figures: own QPainter widgets that copy, save and tell what they show in words."""
