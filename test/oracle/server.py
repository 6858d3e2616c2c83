"""Ledgers on the server that the PG* variables name, through psql."""
import os
import subprocess

from answers import ANSWERS, READ_ONCE
from tables import TABLES, load_script

HERE = os.path.dirname(os.path.abspath(__file__))
ORACLE_SCRIPT = os.path.join(HERE, 'oracle.sql')
# months give usage row by row; what the ledger reads is packed from that
USAGE_ROWS = os.path.join(HERE, '..', 'lib', 'usage_rows.sql')


class ServerError(Exception):
    pass


def psql(script, *options):
    done = subprocess.run(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', *options], input=script, encoding='utf-8',
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode:
        raise ServerError(done.stderr)
    return done.stdout


class Ledger:
    """A ledger of its own, with the SQL oracle beside it unless `with_oracle` is false.

    It is made anew for each batch: rules keep their versions, so a ledger cannot be emptied. What it answers goes through
    files in `folder`.
    """

    def __init__(self, name, folder, with_oracle):
        self.folder = folder
        self.name, self.oracle = name, name + '_sql' if with_oracle else None

    def create(self):
        self.drop()
        psql("SET client_min_messages = warning; SELECT bonus.create_ledger('%s');\n"
             'SET search_path = %s, bonus;\n\\i %s\n' % (self.name, self.name, USAGE_ROWS))
        if self.oracle:
            psql('', '-v', 'ledger=' + self.name, '-v', 'oracle=' + self.oracle, '-f', ORACLE_SCRIPT)

    def drop(self):
        psql('SET client_min_messages = warning; DROP SCHEMA IF EXISTS %s_sql CASCADE; DROP SCHEMA IF EXISTS %s CASCADE;'
             % (self.name, self.name))

    def answers(self, months):
        """Rows by answer of the ledger and of the SQL oracle (None without one) for these months alone."""
        self.create()
        tables = ', '.join('%s.%s' % (self.name, table) for table in (*TABLES, 'usage_day'))
        # jit would cost more than these small batches
        script = ["SET jit = off; SET datestyle = ISO; SET client_encoding = 'UTF8';\n", load_script(months, self.name),
                  'ANALYZE %s;\n' % tables]
        if self.oracle:
            script.append('CALL %s.refresh();\n' % self.oracle)
        for view, columns in READ_ONCE.items():
            script.append('CREATE TEMP TABLE %s AS SELECT %s FROM %s.%s;\n' % (view, ', '.join(columns), self.name, view))
        for answer in ANSWERS:
            script.append(self._dump(answer.ledger_query(self.name), 'ledger', answer))
            if self.oracle and answer.in_oracle:
                script.append(self._dump(answer.oracle_query(self.oracle), 'oracle', answer))
        try:
            psql(''.join(script))
        except ServerError as error:
            raise ServerError('months %d to %d: %s' % (months[0].number, months[-1].number, error)) from None
        given = {answer.name: self._rows('ledger', answer) for answer in ANSWERS}
        if not self.oracle:
            return given, None
        return given, {answer.name: self._rows('oracle', answer) for answer in ANSWERS if answer.in_oracle}

    def _path(self, source, answer):
        return os.path.join(self.folder, '%s.%s.%s' % (self.name, source, answer.name))

    def _dump(self, query, source, answer):
        return 'COPY (%s) TO STDOUT \\g %s\n' % (query, self._path(source, answer))

    def _rows(self, source, answer):
        with open(self._path(source, answer), encoding='utf-8', newline='\n') as rows:
            return rows.read().split('\n')[:-1]
