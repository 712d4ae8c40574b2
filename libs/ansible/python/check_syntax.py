"""Checks the syntax of a playbook or a Jinja2 template, and carries out nothing of what it says.

    check_syntax.py playbook FOLDER FILE     as `ansible-playbook --syntax-check` does; FILE may import others
    check_syntax.py template FOLDER FILE     prints nothing, or {"message": …, "line": …}

Ansible evaluates expressions while it checks: `hosts: "{{ lookup('pipe', …) }}"` would run a program here. So an audit
hook, which nothing can take away again, refuses programs, connections, and files that are neither FOLDER's nor part of
the system's programs. It stands before the first line of Ansible is read.
"""
import ast
import json
import os
import re
import resource
import sys

READABLE = ('/usr', '/lib', '/lib64', '/bin', '/sbin', '/etc', '/dev', '/sys', '/proc/self', '/opt')
# The places of this process's own secrets, should there be any, and of the system's.
SECRET = ('/etc/shadow', '/etc/gshadow', '/etc/diaken', '/etc/ssh')
REFUSED = ('subprocess.', 'os.system', 'os.exec', 'os.posix_spawn', 'os.spawn', 'os.fork', 'os.kill', 'os.link',
           'os.symlink', 'pty.', 'socket.connect', 'socket.bind', 'socket.sendto', 'socket.getaddrinfo',
           'socket.gethostby', 'urllib.', 'ftplib.', 'smtplib.')
CHANGES = ('os.mkdir', 'os.remove', 'os.rename', 'os.rmdir', 'os.truncate', 'os.utime', 'os.chmod', 'os.chown', 'shutil.')
# Ansible asks the C library for the width of characters, and whether there is SELinux.
FOREIGN = re.compile('system|popen|exec|fork|spawn|clone|syscall|dlopen|open|creat|unlink|remove|rename|connect|kill')
MOST_MEMORY = 2 * 1024 ** 3
OVERRIDES = '#jinja2:'
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Guard:
    """Refuses whatever reaches beyond reading the programs and the folder."""

    def __init__(self, folder):
        self.folder = os.path.realpath(folder)
        self.readable = tuple(
            os.path.realpath(path) for path in (*READABLE, sys.prefix, sys.base_prefix, *sys.path) if path
        ) + READABLE
        self.busy = False

    def __call__(self, event, arguments):
        if self.busy:
            return  # what the guard itself asks
        self.busy = True
        try:
            self.judge(event, arguments)
        finally:
            self.busy = False

    def judge(self, event, arguments):
        if event.startswith(REFUSED):
            raise PermissionError(f'a syntax check carries nothing out ({event})')
        if event == 'ctypes.dlsym' and FOREIGN.match(str(arguments[1])):
            raise PermissionError('a syntax check calls no foreign functions')
        if event == 'open':
            path, mode, flags = arguments
            self.judge_open(path, bool(flags & WRITES) or any(sign in str(mode or '') for sign in 'wax+'))
        elif event.startswith(CHANGES):
            for path in arguments:
                if isinstance(path, (str, bytes, os.PathLike)):
                    self.require(self.is_ours(path), path)

    def judge_open(self, path, writes):
        if isinstance(path, int):
            return
        ours = self.is_ours(path) or os.fsdecode(path) == '/dev/null'
        self.require(ours or (not writes and self.is_readable(path)), path)

    def is_ours(self, path):
        return is_below(os.path.realpath(os.fsdecode(path)), (self.folder,))

    def is_readable(self, path):
        real = os.path.realpath(os.fsdecode(path))
        return is_below(real, self.readable) and not is_below(real, SECRET)

    def require(self, allowed, path):
        if not allowed:
            raise PermissionError(f'a syntax check may not touch {os.fsdecode(path)}')


def is_below(path, parents):
    return any(path == parent or path.startswith(parent.rstrip('/') + '/') for parent in parents)


def check_playbook(file):
    from ansible.cli.playbook import main

    sys.argv = ['ansible-playbook', '--syntax-check', '--inventory', 'localhost,', file]
    main()


def check_template(file):
    from jinja2 import Environment, TemplateSyntaxError

    with open(file, encoding='utf-8') as text:
        first, _, rest = text.read().partition('\n')
    try:
        if first.startswith(OVERRIDES):
            Environment(**overrides(first)).parse('\n' + rest)
        else:
            Environment().parse(first + '\n' + rest)
    except TemplateSyntaxError as error:
        print(json.dumps({'message': error.message, 'line': error.lineno}))
    except (SyntaxError, TypeError, ValueError) as error:
        print(json.dumps({'message': f'its first line, {first}, cannot be read: {error}', 'line': 1}))


def overrides(line):
    """What a template's first line says of its own delimiters, as Ansible reads it."""
    pairs = (pair.split(':', 1) for pair in line[len(OVERRIDES):].split(','))
    return {name.strip(): ast.literal_eval(value.strip()) for name, value in pairs}


if __name__ == '__main__':
    kind, folder, file = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    sys.addaudithook(Guard(folder))
    {'playbook': check_playbook, 'template': check_template}[kind](file)
