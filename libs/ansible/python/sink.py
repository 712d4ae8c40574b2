"""Files that a run's pipes end in. Part of supervise.py; only the standard library of Python 3.9."""
import errno
import os
import time

# What a full disk, a used-up quota or a limit on the size of files answers.
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

# Seconds before a write that was refused is tried again.
AGAIN_SECONDS = 0.5

# Bytes that are read at once, and how often before others have their turn.
CHUNK = 64 * 1024
MOST_CHUNKS = 64


def lacks_room(error):
    return isinstance(error, OSError) and error.errno in NO_ROOM


def require_room(folder, size):
    """Throws the OSError that a file of this size meets in a folder."""
    probe = os.path.join(folder, 'probe')
    try:
        with open(probe, 'wb') as file:
            file.write(b' ' * size)
            file.flush()
            os.fsync(file.fileno())
    finally:
        try:
            os.unlink(probe)
        except FileNotFoundError:  # there was not even room for its name
            pass


def refusal_of(folder):
    """The OSError when nothing can be written in a folder; None when it can."""
    try:
        require_room(folder, 4096)
    except OSError as error:
        return error
    return None


class Sink:
    """A file that takes what comes out of a pipe. Whoever writes to the pipe never hears of a disk that is full: what
    cannot be written is kept, and what is too much to keep is lost.

    most   bytes that are kept
    note   makes the line that stands for so many lost bytes; None: after a loss nothing more is written, for a file
           with a gap is worth nothing
    """

    def __init__(self, path, most, note=None):
        self.most = most
        self.note = note
        self.kept = bytearray()
        self.lost = 0
        self.refusal = None
        self.again = 0.0
        self.has_ended = False
        self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self.pipe, self.entry = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.pipe, False)

    def close_entry(self):
        """Once the writer has its own: only then its end is noticed."""
        os.close(self.entry)

    def read(self):
        """Takes what is in the pipe, but not for ever, and writes it."""
        for _ in range(MOST_CHUNKS):
            try:
                chunk = os.read(self.pipe, CHUNK)
            except BlockingIOError:
                break
            if not chunk:
                self.has_ended = True
                break
            self.take(chunk)
        if time.monotonic() >= self.again:
            self.write()

    def take(self, chunk):
        if len(self.kept) + len(chunk) > self.most and time.monotonic() >= self.again:
            self.write()
        if self.lost or len(self.kept) + len(chunk) > self.most:
            self.lost += len(chunk)
        else:
            self.kept += chunk

    def write(self):
        """Writes what is kept, as far as there is room."""
        try:
            self.write_kept()
            if self.lost and self.note:
                self.kept += self.note(self.lost)
                self.lost = 0
                self.write_kept()
        except OSError as error:  # whatever it is, the run must go on
            self.refusal = error
            self.again = time.monotonic() + AGAIN_SECONDS

    def write_kept(self):
        while self.kept:
            del self.kept[: os.write(self.file, self.kept[:CHUNK])]

    @property
    def is_complete(self):
        return not self.kept and not self.lost

    @property
    def next_try(self):
        """When there is something to write again, monotonic seconds."""
        return self.again if self.kept else float('inf')
