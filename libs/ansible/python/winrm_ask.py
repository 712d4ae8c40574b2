#!/usr/bin/python3 -IB
"""Logs in to a Windows guest over WinRM once, runs one PowerShell script there and prints what came of it, as JSON.

Reads JSON from standard input, so that the password is in no argument, environment or file:
    address, port, scheme, transport, username, password, validate, seconds, script,
    pinned: the certificate that the guest must show, as SHA-256 in hexadecimal, where it is not validated; or null
Prints one of
    {"stdout": text, "certificate": what was shown, where it was not validated, or null}
    {"error": text, "kind": "refused" | "certificate" | "changed" | "unreachable" | "failed" | "missing"}
"""
import base64
import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile


def main():
    order = json.load(sys.stdin)
    try:
        answer = ask(order)
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
        shown = None
        if order['scheme'] == 'https' and not order['validate']:
            shown = certificate_of(order)
            if order['pinned'] not in (None, shown):
                raise Changed('it shows the certificate %s, and %s is pinned' % (shown, order['pinned']))
            insist_on(protocol, endpoint, shown)
        return {'stdout': run(protocol, order['script']), 'certificate': shown}


def certificate_of(order):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection((order['address'], order['port']), order['seconds']) as plain:
        with context.wrap_socket(plain) as connection:
            return hashlib.sha256(connection.getpeercert(binary_form=True)).hexdigest()


def insist_on(protocol, endpoint, fingerprint):
    """Every connection of this login must show the certificate that was looked at."""
    from requests.adapters import HTTPAdapter

    class Insisting(HTTPAdapter):
        def init_poolmanager(self, *arguments, **options):
            super().init_poolmanager(*arguments, assert_fingerprint=fingerprint, **options)

    protocol.transport.build_session()
    protocol.transport.session.mount(endpoint, Insisting())


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


class Changed(Exception):
    """The guest shows another certificate than the pinned one."""


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
    if 'Changed' in names:
        return 'changed'
    if 'SSLError' in names:
        return 'certificate'
    return 'unreachable' if names & {'RequestException', 'TimeoutExpired', 'OSError'} else 'failed'


main()
