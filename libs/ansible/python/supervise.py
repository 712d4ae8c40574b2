#!/usr/bin/env python3
"""Owns one run of ansible-playbook, so that the death of whoever started it does not end it.

    supervise.py start <folder>     reads the order (JSON) from standard input and returns once the run is taken over;
                                    prints {"started": bool, "full": true when the disk has no room for it}
    supervise.py state <folder>     prints {"state": "unused" | "running" | "ended" | "lost"}
    supervise.py cancel <folder>    asks the run to stop, on its hosts too

A folder serves one start only. The order:

    argv, env   what to run. "{secret:name}" in either becomes the path of a named pipe, "{sockets}" that of a short folder
    cwd         a folder, relative to the run's
    timeout     seconds until the run is stopped; null: never
    grace       seconds between asking it to stop and ending it
    folders     made in the folder, 0700
    files       {path in the folder: text}, written 0600
    keys        private keys without a passphrase (OpenSSH or PEM); they go to an ssh-agent of this run, never to a disk
    secrets     {name: text}; each is fed through its named pipe, once. Links to open files (/dev/fd) would not do:
                Ansible resolves links before it opens
    passwords   {user@address: password}, for logins without a key; askpass.py is told them through {sockets}/passwords
    become      the become password once more: stopping needs it to end root's processes on the hosts
    jobs        where Ansible keeps its asynchronous jobs on the hosts; no other run has the same
    patience    seconds that a disk that takes no more gets at the end, before events are given up

The folder then has: lock (flock held while supervisor or Ansible live), run.json (who supervises), events.jsonl,
out.log, and at the end exit.json: {"why": "exited" | "cancelled" | "timeout" | "failed", "rc": number or null,
"eventsLost": bool, "refused": why the disk did not take something or null, …}. Ansible's output and events come through
pipes and the supervisor writes them, so that a full disk does not end Ansible; room for exit.json is taken beforehand.

Pipes, agent and control sockets are in a folder dk-… beside the run's, or below /tmp when that would make their paths
longer than a socket's may be. It is gone with the run.

Only the standard library of Python 3.9; Linux.
"""
import ctypes
import fcntl
import json
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))  # an isolated Python does not look there

from host_sweep import sweep  # noqa: E402
from passwords import answer_for_ever, listen  # noqa: E402
from sink import Sink, lacks_room, refusal_of, require_room  # noqa: E402

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36

# Seconds that processes get between SIGTERM and SIGKILL.
LAST_SECONDS = 2
# Seconds that the agent gets to listen, and each key to be added.
AGENT_SECONDS = 10

# Bytes of output, and of events, that are kept while the disk takes none.
OUTPUT_KEPT = 1024 * 1024
EVENTS_KEPT = 64 * 1024 * 1024
# Bytes that are taken for exit.json before there is something to write.
EXIT_BYTES = 32 * 1024
# Bytes that must be free before Ansible starts: it packs its modules on this disk.
START_BYTES = 1024 * 1024

# Ansible's exit code when it was interrupted.
INTERRUPTED = 99

# Longest parent of the sockets' folder. A socket's path has at most 107 characters; "/dk-12345678/cp/", Ansible's 10 and
# the 17 that ssh adds while it makes one come after the parent.
LONGEST_PARENT = 60

prctl = ctypes.CDLL(None, use_errno=True).prctl


class Unusable(Exception):
    """The run cannot start, and why."""


# Processes


def stat_of(pid):
    """The fields of /proc/<pid>/stat after the name, or None when there is no such process."""
    try:
        with open('/proc/%s/stat' % pid) as file:
            return file.read().rsplit(')', 1)[1].split()
    except (OSError, IndexError):
        return None


def text_of(pid, name):
    """/proc/<pid>/<name>; empty when there is no such process or it is somebody else's."""
    try:
        with open('/proc/%s/%s' % (pid, name), 'rb') as file:
            return file.read()
    except OSError:
        return b''


def start_of(pid):
    """When a process started, in clock ticks since boot; None when it does not live. With its id it names a process for
    good: ids are reused.
    """
    fields = stat_of(pid)
    return int(fields[19]) if fields and fields[0] not in 'ZX' else None


def descendants():
    """All processes below this one, orphans included: this process is their subreaper."""
    below = {}
    for pid in filter(str.isdigit, os.listdir('/proc')):
        fields = stat_of(pid)
        if fields:
            below.setdefault(int(fields[1]), []).append(int(pid))
    found, todo = [], [os.getpid()]
    while todo:
        children = below.get(todo.pop(), [])
        found += children
        todo += children
    return found


def is_control_master(pid):
    """Whether it is an ssh that holds a connection open: it names itself "ssh: <socket> [mux]"."""
    line = text_of(pid, 'cmdline')
    return line.startswith(b'ssh: ') and b'[mux]' in line


def orphans(folder, sockets):
    """What a killed supervisor left of its run: they carry the run's events file in their environment. Control masters
    overwrite theirs, but name their socket.
    """
    mark = b'RUN_EVENTS_FILE=%s\0' % os.fsencode(os.path.join(folder, 'events.jsonl'))
    found = []
    for pid in map(int, filter(str.isdigit, os.listdir('/proc'))):
        if mark in text_of(pid, 'environ') or os.fsencode(sockets) + b'/' in text_of(pid, 'cmdline'):
            found.append(pid)
    return found


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except OSError:
            pass


def reap():
    """{process id: exit code} of the children that have ended since."""
    ended = {}
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return ended
            ended[pid] = os.waitstatus_to_exitcode(status)
    except ChildProcessError:
        return ended


def ordinary_signals():
    """Undoes this process's handlers in a child that it forked."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)


# Files


def write_whole(path, value):
    """Writes JSON so that a reader sees all of it or nothing."""
    with open(path + '.tmp', 'w') as file:
        json.dump(value, file)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + '.tmp', path)


def write_exit(path, value):
    """Writes JSON into the room that was taken for it; a reader sees all of it or nothing."""
    file = os.open(path + '.tmp', os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    size = os.write(file, json.dumps(value).encode())
    os.ftruncate(file, size)
    os.fsync(file)
    os.close(file)
    os.rename(path + '.tmp', path)


def note_of_loss(count):
    return b'\n[Diaken: %d bytes of output are missing here: the disk of the worker did not take them.]\n' % count


def read_json(path):
    try:
        with open(path) as file:
            return json.load(file)
    except (FileNotFoundError, ValueError):
        return None


class Run:
    """One run, from the supervisor's side."""

    def __init__(self, folder, order, lock):
        self.folder = folder
        self.order = order
        self.lock = lock
        self.why = None
        self.sockets = None
        self.agent_input = None
        self.child = None
        self.events = None
        self.sinks = []
        self.started = time.time()

    def path(self, name):
        return os.path.join(self.folder, name)

    def take_over(self, ready):
        """Becomes the supervisor: runs to the end and writes exit.json, unless there was no room to begin."""
        self.detach()
        try:
            ending = self.run(ready)
        except BaseException as error:
            if not self.child and (lacks_room(error) or lacks_room(refusal_of(self.folder))):
                return self.withdraw(ready)
            reason = str(error) if isinstance(error, Unusable) else repr(error)
            why = self.why or 'exited' if self.child else 'failed'
            ending = {'why': why, 'rc': None, 'error': reason}
        self.clear()
        self.wait_for_room()
        self.tell_ending(ending)

    def withdraw(self, ready):
        """Leaves the folder as if there had been no start."""
        self.clear()
        for name in os.listdir(self.folder):
            path = self.path(name)
            if os.path.isdir(path):
                shutil.rmtree(path, ignore_errors=True)
            elif name != 'lock':
                os.unlink(path)
        os.write(ready, NO_ROOM)

    def wait_for_room(self):
        """Gives a disk that takes no more some time: without its events a run has no results."""
        latest = time.monotonic() + (0 if self.why else self.order.get('patience', 0))
        for sink in self.sinks:
            sink.write()
        while any(sink.kept for sink in self.sinks) and time.monotonic() < latest and not self.why:
            self.attend(latest)

    def tell_ending(self, ending):
        refusal = next((sink.refusal for sink in self.sinks if sink.refusal), None)
        if ending['rc'] != 0:
            refusal = refusal or refusal_of(self.folder)
        lost = self.events is not None and not self.events.is_complete
        refused = refusal.strerror if refusal else None
        whole = {**ending, 'eventsLost': lost, 'refused': refused, 'ended': time.time()}
        write_exit(self.path('exit.json'), whole)

    def detach(self):
        os.setsid()
        prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        null = os.open(os.devnull, os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(null, number)
        self.null = null
        self.awake, wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self.on_cancel)
        # Handled rather than ignored: what is ignored stays so in Ansible and ssh.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGHUP, lambda *_: None)

    def on_cancel(self, *_):
        self.why = self.why or 'cancelled'

    def run(self, ready):
        parent = os.path.dirname(self.folder)
        short = len(os.fsencode(parent)) <= LONGEST_PARENT
        self.sockets = tempfile.mkdtemp(prefix='dk-', dir=parent if short else '/tmp')
        self.tell_processes()
        with open(self.path('exit.json.tmp'), 'wb') as file:
            file.write(b' ' * EXIT_BYTES)
            file.flush()
            os.fsync(file.fileno())
        self.write_files()
        require_room(self.folder, START_BYTES)
        self.make_pipes()
        self.answer_passwords()
        environment = self.environment()
        if self.order.get('keys'):
            environment['SSH_AUTH_SOCK'] = self.start_agent()
        self.order.pop('keys', None)
        self.events = Sink(self.path('events.jsonl'), EVENTS_KEPT)
        output = Sink(self.path('out.log'), OUTPUT_KEPT, note_of_loss)
        self.sinks = [self.events, output]  # what room there is goes to the events first
        self.child = self.start_ansible(environment, output)
        os.write(ready, STARTED)
        os.close(ready)
        code = self.wait_for(self.child.pid)
        swept = None
        if self.why or code < 0 or code == INTERRUPTED:
            password, jobs = (self.order.get(name) or '' for name in ('become', 'jobs'))
            swept = sweep(self.sockets, password, jobs, environment)
        return {
            'why': self.why or 'exited',
            'rc': code if code >= 0 else None,
            'signal': signal.Signals(-code).name if code < 0 else None,
            'swept': swept,
        }

    def tell_processes(self):
        write_whole(
            self.path('run.json'),
            {
                'supervisor': os.getpid(),
                'supervisorStart': start_of(os.getpid()),
                'sockets': self.sockets,
                'jobs': self.order.get('jobs') or '',
                'started': self.started,
            },
        )

    # Preparing

    def write_files(self):
        for name in self.order.get('folders', []):
            os.makedirs(self.path(name), 0o700, exist_ok=True)
        for name, text in self.order.get('files', {}).items():
            path = self.path(name)
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
            with open(path, 'w', encoding='utf-8') as file:
                file.write(text)

    def make_pipes(self):
        for name, text in self.order.pop('secrets', {}).items():
            pipe = os.path.join(self.sockets, name)
            os.mkfifo(pipe, 0o600)
            if os.fork() == 0:
                self.feed(pipe, text)

    @staticmethod
    def feed(pipe, text):
        """In a child: writes to the first reader and is gone; dies with the supervisor."""
        try:
            ordinary_signals()
            prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            with open(pipe, 'w', encoding='utf-8') as file:
                os.unlink(pipe)
                file.write(text)
        finally:
            os._exit(0)

    def answer_passwords(self):
        """Leaves a child that does nothing but answer; it dies with the supervisor."""
        passwords = self.order.pop('passwords', None)
        if not passwords:
            return
        server = listen(os.path.join(self.sockets, 'passwords'))
        if os.fork() == 0:
            try:
                ordinary_signals()
                prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
                answer_for_ever(server, passwords)
            finally:
                os._exit(0)
        server.close()

    def filled(self, text):
        """A text of the order with its placeholders replaced."""
        text = text.replace('{sockets}', self.sockets)
        return re.sub(r'\{secret:(\w+)\}', lambda found: os.path.join(self.sockets, found[1]), text)

    def environment(self):
        environment = {name: self.filled(text) for name, text in self.order['env'].items()}
        environment['RUN_EVENTS_FILE'] = self.path('events.jsonl')  # what `orphans` knows the run's processes by
        return environment

    def start_agent(self):
        """Starts an ssh-agent with the order's keys and returns its socket.

        An agent that is given a command ends with it; the command here ends with this process, which holds its input.
        """
        path = os.path.join(self.sockets, 'agent')
        silent = {'stdout': self.null, 'stderr': self.null}
        try:
            agent = subprocess.Popen(['ssh-agent', '-a', path, 'cat'], stdin=subprocess.PIPE, **silent)
            self.agent_input = agent.stdin
            self.wait_for_agent(path)
            for key in self.order['keys']:
                self.add_key(path, key)
        except OSError as error:
            raise Unusable('ssh-agent and ssh-add are needed: %s' % error)
        return path

    @staticmethod
    def wait_for_agent(path):
        latest = time.monotonic() + AGENT_SECONDS
        while True:
            try:
                with socket.socket(socket.AF_UNIX) as client:
                    return client.connect(path)
            except OSError:  # not there yet, or there but nobody listens yet
                if time.monotonic() > latest:
                    raise Unusable('ssh-agent did not start')
            time.sleep(0.005)

    @staticmethod
    def add_key(path, key):
        environment = {'PATH': os.environ.get('PATH', os.defpath), 'SSH_AUTH_SOCK': path}
        try:
            added = subprocess.run(
                ['ssh-add', '-q', '-'],
                input=key.encode(),
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                timeout=AGENT_SECONDS,
            )
        except subprocess.TimeoutExpired:
            raise Unusable('ssh-add did not end')
        if added.returncode != 0:
            raise Unusable('ssh-add refused a key: %s' % added.stderr.decode('utf-8', 'replace').strip())

    def start_ansible(self, environment, output):
        if self.why:
            raise Unusable('stopped before it began')

        def in_child():  # a process group of its own, which ends with the supervisor
            os.setpgid(0, 0)
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)

        argv = [self.filled(word) for word in self.order['argv']]
        try:
            return subprocess.Popen(
                argv,
                cwd=self.path(self.order.get('cwd', '.')),
                env={**environment, 'RUN_EVENTS_FD': str(self.events.entry)},
                stdin=self.null,
                stdout=output.entry,
                stderr=output.entry,
                pass_fds=[self.lock, self.events.entry],
                preexec_fn=in_child,
            )
        except OSError as error:
            raise Unusable('%s cannot be run: %s' % (argv[0], error.strerror))
        finally:
            for sink in self.sinks:
                sink.close_entry()

    # Running and stopping

    def wait_for(self, child):
        """Waits for Ansible, and stops it when it is time or somebody asks. Returns its exit code."""
        timeout = self.order.get('timeout')
        deadline = time.monotonic() + timeout if timeout else float('inf')
        stage, next_stage = 0, 0.0
        while True:
            now = time.monotonic()
            if now >= deadline and not self.why:
                self.why = 'timeout'
            if self.why and now >= next_stage:
                self.stop(child, stage)
                next_stage = now + (self.order.get('grace', 10) if stage == 0 else LAST_SECONDS)
                stage += 1
            self.attend(next_stage if self.why else deadline)
            ended = reap()
            if child in ended:
                for sink in self.sinks:
                    sink.read()
                return ended[child]

    def attend(self, until):
        """Hands on what Ansible writes, until a signal comes or until then."""
        latest = min([until] + [sink.next_try for sink in self.sinks])
        pipes = [sink.pipe for sink in self.sinks if not sink.has_ended]
        seconds = max(0.0, min(latest - time.monotonic(), 3600.0))
        select.select([self.awake] + pipes, [], [], seconds)
        for sink in self.sinks:
            sink.read()
        try:
            os.read(self.awake, 512)
        except BlockingIOError:
            pass

    def stop(self, child, stage):
        """SIGINT to Ansible's group, then SIGTERM, then SIGKILL to all it started, whatever group they moved to.

        The connections are spared: the hosts are swept through them.
        """
        if stage == 0:
            try:
                os.killpg(child, signal.SIGINT)
            except OSError:
                pass
            return
        pids = [pid for pid in descendants() if not is_control_master(pid)]
        send(pids, signal.SIGTERM if stage == 1 else signal.SIGKILL)

    def clear(self):
        """Nothing of this run stays: workers, ssh clients, control masters, feeders, the agent, the sockets."""
        if self.agent_input:
            self.agent_input.close()
        send(descendants(), signal.SIGTERM)
        latest = time.monotonic() + LAST_SECONDS
        reap()
        while descendants() and time.monotonic() < latest:
            time.sleep(0.01)
            reap()
        send(descendants(), signal.SIGKILL)
        if self.sockets:
            shutil.rmtree(self.sockets, ignore_errors=True)


# Commands

# What a supervisor says once it is sure whether there is a run.
STARTED = b'{"started": true}'
NO_ROOM = b'{"started": false, "full": true}'


def is_used(folder):
    return any(os.path.exists(os.path.join(folder, name)) for name in ('run.json', 'exit.json'))


def locked(folder, kind):
    """The lock's descriptor, or None when somebody holds it."""
    path = os.path.join(folder, 'lock')
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(lock), os.stat(path)):
            return lock
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(lock)  # held by somebody, or removed meanwhile with its folder
    return None


def claim(folder):
    """The lock of a folder that nobody ever used, or None."""
    latest = time.monotonic() + AGENT_SECONDS
    while not is_used(folder):
        os.makedirs(folder, 0o700, exist_ok=True)
        lock = locked(folder, fcntl.LOCK_EX)
        if lock is not None:
            if not is_used(folder):
                return lock
            os.close(lock)
            return None
        if time.monotonic() > latest:
            return None
        time.sleep(0.02)  # held for a moment by somebody who asks for the state, or by another start
    return None


def start(folder):
    os.umask(0o077)
    try:
        lock = claim(folder)
    except OSError as error:
        if lacks_room(error):
            return json.loads(NO_ROOM)
        raise
    if lock is None:
        return {'started': False}
    order = json.load(sys.stdin)
    ready, tell = os.pipe()
    if os.fork() == 0:
        os.close(ready)
        if os.fork() == 0:
            try:
                Run(folder, order, lock).take_over(tell)
            finally:
                os._exit(0)
        os._exit(0)
    os.wait()
    os.close(tell)
    return json.loads(os.read(ready, 512) or STARTED)  # nothing: exit.json says why


def state(folder):
    if not is_used(folder):
        return {'state': 'unused'}
    try:
        lock = locked(folder, fcntl.LOCK_SH)  # shared, so that two who ask do not take each other for the run
    except FileNotFoundError:
        return {'state': 'unused'}  # removed this moment
    if lock is not None:
        os.close(lock)
    if os.path.exists(os.path.join(folder, 'exit.json')):
        return {'state': 'ended'}
    return {'state': 'running' if lock is None else 'lost'}


def cancel(folder):
    """Asks the supervisor; when it was killed, ends what it left behind, as far as that needs no password."""
    run = read_json(os.path.join(folder, 'run.json'))
    if not run:
        return {'asked': False}
    if start_of(run['supervisor']) == run['supervisorStart']:
        os.kill(run['supervisor'], signal.SIGTERM)
        return {'asked': True}
    left = orphans(folder, run['sockets'])
    send([pid for pid in left if not is_control_master(pid)], signal.SIGKILL)
    sweep(run['sockets'], '', run.get('jobs', ''), {'PATH': os.environ.get('PATH', os.defpath)})
    send(orphans(folder, run['sockets']), signal.SIGKILL)
    return {'asked': False}


def main():
    commands = {'start': start, 'state': state, 'cancel': cancel}
    if len(sys.argv) != 3 or sys.argv[1] not in commands:
        sys.exit('usage: supervise.py start|state|cancel <folder>')
    print(json.dumps(commands[sys.argv[1]](os.path.abspath(sys.argv[2]))))


if __name__ == '__main__':
    main()
