"""Passwords: in the operating system's keyring or in the environment, never in a project.

Parent side; ``keyring`` is imported when it is first asked.
"""

from __future__ import annotations

import os

from app.errors import BadInput, EnvironmentProblem

SERVICE = "modelyard"


def find(name: str) -> str:
    """The secret of this name: an environment variable's value, else the keyring's. BadInput if there is none."""
    if name in os.environ:
        return os.environ[name]
    import keyring
    from keyring.errors import KeyringError, NoKeyringError

    try:
        found = keyring.get_password(SERVICE, name)
    except NoKeyringError:
        found = None
    except KeyringError as error:  # locked, or the person said no
        hint = "Unlock it, then try again."
        raise EnvironmentProblem("The keyring did not give the password.", hint, str(error)) from error
    if found is None:
        raise BadInput(
            f"There is no password under the name {name}.",
            "Set an environment variable of that name, or give the address once more with its password.",
        )
    return found


def keep(name: str, secret: str) -> None:
    """Put a secret into the keyring. EnvironmentProblem if this machine has none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(SERVICE, name, secret)
    except KeyringError as error:
        raise _no_keyring(str(error)) from error


def has_keyring() -> bool:
    """Whether passwords can be kept on this machine."""
    import keyring
    from keyring.backends.fail import Keyring

    return not isinstance(keyring.get_keyring(), Keyring)


def _no_keyring(details: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "This computer has no keyring that could keep the password.",
        "Put the password into an environment variable and give its name instead (--secret on the command line).",
        details,
    )
