#!/usr/bin/python3 -IB
"""Logs in to a Windows guest over WinRM once, runs one PowerShell script there and prints what came of it, as JSON.

Reads JSON from standard input, so that the password is in no argument, environment or file:
    address, port, scheme, transport, username, password, validate, seconds, script
Prints one of
    {"stdout": text}
    {"error": text, "kind": "refused" | "certificate" | "unreachable" | "failed" | "missing"}
"""
import base64
import json
import os
import subprocess
import sys
import tempfile


def main():
    order = json.load(sys.stdin)
    try:
        answer = {'stdout': ask(order)}
    except Exception as error:
        answer = {'kind': kind_of(error), 'error': (str(error) or repr(error)).replace(order['password'], '…')[:2000]}
    json.dump(answer, sys.stdout)


def ask(order):
    from winrm.protocol import Protocol

    endpoint = '%s://%s:%d/wsman' % (order['scheme'], order['address'], order['port'])
    with tempfile.TemporaryDirectory() as folder:
        if order['transport'] == 'kerberos':
            take_ticket(order, folder)
        protocol = Protocol(
            endpoint,
            transport=order['transport'],
            username=order['username'],
            password=order['password'],
            server_cert_validation='validate' if order['validate'] else 'ignore',
            operation_timeout_sec=order['seconds'],
            read_timeout_sec=order['seconds'] + 5,
        )
        return run(protocol, order['script'])


def run(protocol, script):
    encoded = base64.b64encode(script.encode('utf-16-le')).decode()
    arguments = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Unrestricted', '-EncodedCommand', encoded]
    shell = protocol.open_shell(codepage=65001)
    try:
        command = protocol.run_command(shell, 'powershell', arguments)
        try:
            stdout, stderr, code = protocol.get_command_output(shell, command)
        finally:
            protocol.cleanup_command(shell, command)
    finally:
        protocol.close_shell(shell)
    if code != 0:
        raise Failed('PowerShell ended with %d: %s' % (code, stderr.decode('utf-8', 'replace').strip()))
    return stdout.decode('utf-8', 'replace')


def take_ticket(order, folder):
    """A Kerberos ticket of this login alone."""
    os.environ['KRB5CCNAME'] = 'FILE:' + os.path.join(folder, 'ticket')
    taking = subprocess.run(
        ['kinit', order['username']],
        input=order['password'].encode() + b'\n',
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        timeout=order['seconds'],
    )
    if taking.returncode != 0:
        raise Refused('kinit: %s' % taking.stderr.decode('utf-8', 'replace').strip())


class Failed(Exception):
    """The guest did not do what it was asked."""


class Refused(Exception):
    """The login was not accepted."""


def kind_of(error):
    """What an error means. By name: the libraries may be missing."""
    names = {cls.__name__ for cls in type(error).__mro__}
    if isinstance(error, ImportError) or 'not installed' in str(error):
        return 'missing'
    if names & {'Refused', 'InvalidCredentialsError'}:
        return 'refused'
    if 'SSLError' in names:
        return 'certificate'
    return 'unreachable' if names & {'RequestException', 'TimeoutExpired', 'OSError'} else 'failed'


main()
