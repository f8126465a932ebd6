"""Steps from one schema to the next. They import nothing from the application, which moves on without them."""
