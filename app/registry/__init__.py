"""The one place for SQL and the one place for bytes. Nobody else imports SQLAlchemy or opens the database."""
