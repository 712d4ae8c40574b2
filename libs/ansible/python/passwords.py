"""Answers ssh's questions for passwords of one run, which askpass.py hands on. They are in memory only."""
import socket

# Bytes of a question that are read.
LONGEST_QUESTION = 4096
# Seconds that whoever asks gets.
PATIENCE = 5


def listen(path):
    """The socket to be asked on; who may ask, the folder it is in says."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(64)
    return server


def answer_for_ever(server, passwords):
    """Answers one after the other; whoever asks for what we do not have is told nothing."""
    while True:
        client, _ = server.accept()
        with client:
            client.settimeout(PATIENCE)
            try:
                question = client.recv(LONGEST_QUESTION).decode('utf-8', 'replace')
                client.sendall(answer(question, passwords).encode())
            except OSError:
                pass  # whoever asked is gone


def answer(question, passwords):
    """The password that ssh asks for; empty when it asks for something else.

    ssh itself begins the question with the login: a guest cannot ask for the password of another one.
    """
    for login, password in passwords.items():
        user, _, address = login.rpartition('@')
        beginnings = ("%s@%s's password" % (user[:30], address), '(%s) ' % login)
        if question.startswith(beginnings) and 'password' in question.lower():
            return password
    return ''
