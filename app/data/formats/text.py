"""The bytes of a text file as clean UTF-8: encoding found, NUL bytes removed. Child side."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from charset_normalizer import from_bytes

from app.core.data import Choice, Finding
from app.data.findings import listed, note, refused, shown, warn

SAMPLE_BYTES = 262_144
CHUNK_BYTES = 1 << 20
CONTROL_SHARE = 0.02
"""More control characters than this and it is no text."""

MOST_CHOICES = 8
_WORD = re.compile(r"[^\s,;|\t\"']{2,40}")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_15", "koi8_r", "cp437",
    "cp850", "mac_roman", "shift_jis", "euc_jp", "gb18030", "big5", "euc_kr",
]  # fmt: skip
_CONTROLS = bytes(set(range(32)) - {9, 10, 12, 13, 27})


@dataclass(frozen=True, slots=True)
class CleanText:
    """``path``: UTF-8, which is the file itself if nothing had to be changed. ``encoding``: of the original."""

    path: Path
    encoding: str
    findings: tuple[Finding, ...] = ()


def clean_text(source: Path, folder: Path, encoding: str | None = None) -> CleanText:
    """Bring a text file to UTF-8 in ``folder``. ``encoding``: as a person or an earlier reading says.

    Raises FileRefused (NOT_TEXT).
    """
    head = _head(source)
    bom = next((name for mark, name in _BOMS if head.startswith(mark)), None)
    if encoding in (None, "utf-8") and bom is None and _wide(head) is None:
        utf8, has_nul = _utf8_and_nul(source)
        if utf8:
            return _without_nul(source, folder, "utf-8", has_nul)
        if encoding is None and (whole := _whole_letters(source)):
            return _cut_off(source, folder, whole)
    guessed = encoding or bom or _wide(head) or _guess(source)
    found: list[Finding] = []
    if bom == guessed == "utf-16":
        found.append(note("ENCODING_UTF16", "The file is written in UTF-16, as its first bytes say."))
    elif bom != guessed:
        found.append(_guessed_finding(guessed, _telling_lines(source)))
    clean = folder / "clean.txt"
    removed = _transcode(source, clean, guessed)
    if removed:
        found.append(_nul_finding(removed))
    return CleanText(clean, guessed, tuple(found))


def _head(source: Path) -> bytes:
    with source.open("rb") as file:
        return file.read(SAMPLE_BYTES)


def _utf8_and_nul(source: Path) -> tuple[bool, bool]:
    """Whether a file is UTF-8, and whether it has NUL bytes, in one pass."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    has_nul = False
    with source.open("rb", buffering=0) as file:
        try:
            while chunk := file.read(CHUNK_BYTES):
                has_nul = has_nul or b"\0" in chunk
                if not chunk.isascii() or decoder.getstate()[0]:  # ASCII after whole letters needs no decoding
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False, has_nul
    return True, has_nul


def _whole_letters(source: Path) -> int:
    """How many bytes of a file are whole UTF-8 letters if only its last one is cut off; 0 if it is otherwise wrong."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open("rb", buffering=0) as file:
        try:
            while chunk := file.read(CHUNK_BYTES):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return 0
        return file.tell() - len(decoder.getstate()[0])


def _cut_off(source: Path, folder: Path, whole: int) -> CleanText:
    """UTF-8 that ends within a letter, as a download does that broke off: the letter is left out, and said."""
    shorter = folder / "whole.txt"
    with source.open("rb") as old, shorter.open("wb") as new:
        for start in range(0, whole, CHUNK_BYTES):
            new.write(old.read(min(CHUNK_BYTES, whole - start)))
    message = (
        "The file ends in the middle of a letter: it was read as UTF-8 without it. Rows may be missing at the end."
    )
    found = warn("ENCODING_GUESSED", message, "Make or download it again.")
    return CleanText(shorter, "utf-8", (found,))


def _wide(head: bytes) -> str | None:
    """UTF-16 without its mark: every other byte of Western text is zero."""
    pairs = len(head) // 2
    if pairs < 4:
        return None
    even, odd = head[0 : 2 * pairs : 2].count(0) / pairs, head[1 : 2 * pairs : 2].count(0) / pairs
    if odd > 0.4 and even < 0.1:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.1 else None


def _guess(source: Path) -> str:
    """A one-byte or East Asian encoding by its letters (charset-normalizer), judged on lines that are not ASCII."""
    sample = _telling_lines(source)
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > CONTROL_SHARE * len(sample):
        raise refused("NOT_TEXT", "The file is neither text nor a kind of table that Modelyard reads.", _HINT)
    matches = from_bytes(sample, cp_isolation=_CANDIDATES, enable_fallback=False)
    best = matches.best()
    if best is None:
        raise refused("NOT_TEXT", "The file is no readable text in any known encoding.", _HINT)
    names = [m.encoding for m in matches if m.chaos <= best.chaos and m.coherence >= best.coherence]
    return "cp1252" if "cp1252" in names or str(best) == _decoded(sample, "cp1252") else best.encoding


_HINT = "Save it as CSV (UTF-8), Excel or Parquet."


def _decoded(sample: bytes, encoding: str) -> str | None:
    try:
        return sample.decode(encoding)
    except (UnicodeDecodeError, UnicodeError, LookupError):
        return None


def _telling_lines(source: Path) -> bytes:
    """Up to SAMPLE_BYTES of lines that hold bytes beyond ASCII, from anywhere in the file."""
    kept, size = [], 0
    with source.open("rb") as file:
        while size < SAMPLE_BYTES and (chunk := file.read(CHUNK_BYTES)):
            for line in [] if chunk.isascii() else chunk.splitlines(keepends=True):
                if not line.isascii() and size < SAMPLE_BYTES:
                    kept.append(line)
                    size += len(line)
    return b"".join(kept)[:SAMPLE_BYTES] or _head(source)


def _transcode(source: Path, target: Path, encoding: str) -> int:
    """Write as UTF-8 without NUL characters; how many there were. Raises FileRefused (NOT_TEXT)."""
    decoder = codecs.getincrementaldecoder(encoding)()
    removed = 0
    with source.open("rb") as old, target.open("wb") as new:
        try:
            while True:
                chunk = old.read(CHUNK_BYTES)
                text = decoder.decode(chunk, final=not chunk)
                removed += text.count("\0")
                new.write(text.replace("\0", "").encode("utf-8"))
                if not chunk:
                    return removed
        except (UnicodeDecodeError, UnicodeEncodeError) as error:
            message = f"The file cannot be read as {encoding}: {error.reason}."
            raise refused("NOT_TEXT", message, _HINT) from error


def _without_nul(source: Path, folder: Path, encoding: str, has_nul: bool) -> CleanText:
    """UTF-8 as it is, or a copy without its NUL bytes. Raises FileRefused (NOT_TEXT) if it is mostly controls."""
    head = _head(source)
    if len(head) - len(head.translate(None, _CONTROLS)) > max(8, 0.1 * len(head)):
        raise refused("NOT_TEXT", "The file is neither text nor a kind of table that Modelyard reads.", _HINT)
    if not has_nul:
        return CleanText(source, encoding)
    removed = _transcode(source, folder / "clean.txt", encoding)
    return CleanText(folder / "clean.txt", encoding, (_nul_finding(removed),))


def _guessed_finding(encoding: str, sample: bytes) -> Finding:
    words = _telling_words(sample, encoding)
    seen = f": {listed([shown(word) for word in words], 3)}" if words else ""
    return warn(
        "ENCODING_GUESSED",
        f"The file does not say how its letters are encoded; it was read as {encoding}{seen}.",
        "Look at names with accents; if they look wrong, choose another encoding.",
        cells=words,
        choices=_other_encodings(sample, encoding),
    )


def _other_encodings(sample: bytes, encoding: str) -> list[Choice]:
    """Encodings in which the sample reads differently, each with the words one would see."""
    seen = {tuple(_telling_words(sample, encoding))}
    found: list[Choice] = []
    for name in ["utf-8", *_CANDIDATES]:
        words = tuple(_telling_words(sample, name))
        if words and words not in seen and len(found) < MOST_CHOICES:
            seen.add(words)
            found.append(Choice(name, ", ".join(words[:3])))
    return found


def _telling_words(sample: bytes, encoding: str) -> list[str]:
    """The first words that are not plain ASCII, as an encoding reads them; none if it cannot."""
    text = _decoded(sample[: sample.rfind(b"\n") + 1] or sample, encoding) or ""
    words = (word for word in _WORD.findall(text[:20_000]) if not word.isascii())
    return list(islice(dict.fromkeys(words), 5))


def _nul_finding(count: int) -> Finding:
    return warn("NUL_BYTES", f"{count:,} NUL characters were left out while reading.", "Look at how the file was made.")
