"""A client is killed between its COMMIT and the answer, so that nobody knows whether it is done, or before the COMMIT arrives; then it
does the same again. Afterwards the ledger holds what it holds when everything was done once."""
import os
import select
import signal
import socket
import subprocess
import tempfile
import threading

import shared  # noqa: F401
from server import wait_for_end
from settled import MONTH

# A rule that is changed to what it is has one more version, and volumes are frozen once more: that is their history, and no money.
HISTORY = ('rule_change', 'deal', 'frozen_volume')
# What is done, the message whose answer is kept from the client, and what doing it again may say when it was done.
STEPS = (
    ('a payment', 'SELECT', ["SELECT record_payment('p001', 'USD', 12.34, 'unknown-1')"], '00000'),
    ('a payment in a transaction', 'COMMIT', ['BEGIN', "SELECT record_payment('p002', 'KZT', 1000, 'unknown-2')", 'COMMIT'], '00000'),
    ('a refund', 'SELECT', ["SELECT record_refund('p005', 'USD', 2.50, 'unknown-3', 'paid twice')"], '00000'),
    ('a credit note', 'COMMIT', [
        'BEGIN', "SELECT credit_note((SELECT document_id FROM document WHERE partner_id = 'p010' AND currency = 'USD' AND credits IS NULL), 'wrong')", 'COMMIT'], '55000'),
    ('some lines credited', 'SELECT', [
        "SELECT credit_note((SELECT document_id FROM document WHERE partner_id = 'p015' AND currency = 'USD' AND credits IS NULL), 'wrong', '{1}')"], '55000'),
    ('a correction', 'COMMIT', [
        'BEGIN', "SELECT start_correction('{p020}')", "UPDATE deal SET rate = 0.12 WHERE partner_id = 'p020'",
        "SELECT correct_month('2026-02-01', 'the deal was of 12 points', '{p020}')", 'COMMIT'], '00000'),
    ('a partner closed', 'COMMIT', ['BEGIN', "SELECT close_partner('p005', '%s')" % MONTH, 'COMMIT'], '00000'),
    ('thirty partners closed', 'CALL', ["CALL close_month('%s', '{%s}')" % (MONTH, ','.join('p%03d' % n for n in range(1, 31)))], '00000'),
)


class Relay(threading.Thread):
    """Passes on what one client and the server say. At the message that begins with a word it kills the client: when the server has
    answered, or instead of passing it on."""

    def __init__(self, folder, word, arrives):
        super().__init__()
        self.word, self.arrives = word.encode(), arrives
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(folder, '.s.PGSQL.5432'))
        self.listener.listen()
        self.victim, self.killed = None, False
        self.start()

    def run(self):
        client, _ = self.listener.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(os.path.join(os.environ['PGHOST'], '.s.PGSQL.' + os.environ.get('PGPORT', '5432')))
        with client, server, self.listener:
            answer = None
            while not self.killed:
                for source in select.select((client, server), (), ())[0]:
                    data = source.recv(1 << 16)
                    if not data:
                        return
                    if source is client and data[:1] == b'Q' and data[5:].startswith(self.word):
                        answer = b''
                        if not self.arrives:
                            self.kill()
                            return
                    if source is server and answer is not None:
                        answer += data
                        if is_complete(answer):
                            self.kill()
                            return
                        continue
                    (server if source is client else client).sendall(data)

    def kill(self):
        os.kill(self.victim.pid, signal.SIGKILL)
        self.victim.wait()
        self.killed = True


def is_complete(answer):
    """Whether the server is ready for another query: then it has committed."""
    while len(answer) >= 5:
        size = 1 + int.from_bytes(answer[1:5], 'big')
        if answer[:1] == b'Z' and len(answer) >= size:
            return True
        answer = answer[size:]
    return False


def disturbed(database, ledger, word, statements, arrives):
    """Whether the client was killed where it should be."""
    with tempfile.TemporaryDirectory() as folder:
        relay = Relay(folder, word, arrives)
        environment = dict(os.environ, PGHOST=folder, PGPORT='5432', PGAPPNAME='victim', PGOPTIONS='-c search_path=%s,bonus,public' % ledger)
        commands = [part for statement in statements for part in ('-c', statement)]
        # the relay waits for the client, and so must know it before it speaks
        with open(os.devnull, 'w') as nothing:
            relay.victim = subprocess.Popen(['psql', '-X', '-q', '-d', database, *commands], env=environment, stdin=subprocess.DEVNULL, stdout=nothing, stderr=nothing)
            relay.join(300)
            relay.victim.wait(10)
    return relay.killed


def play(session, database, ledger, arrives):
    """Every step; with arrives None undisturbed. What went wrong."""
    wrong = []
    for name, word, statements, again in STEPS:
        if arrives is not None:
            if not disturbed(database, ledger, word, statements, arrives):
                wrong.append('%s: the client was not killed' % name)
            wait_for_end(session)
        states = set()
        for statement in statements:
            rows, state = session.run(statement)
            if state != '00000':
                states.add(state)
        if states - {'25P02'} != ({again} - {'00000'} if arrives else set()):
            wrong.append('%s: done again it gives %s' % (name, sorted(states) or 'no error'))
    return wrong
