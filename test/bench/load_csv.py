#!/usr/bin/env python3
"""load_csv.py LEDGER PARTNER FILE...: loads files with the function load_csv, each the parameter of a statement, as a program
does that has only SQL. (As a literal in a statement of psql, half of the time would be the server's scanner of SQL.)"""
import ctypes
import pathlib
import sys

COMMAND_OK, TUPLES_OK = 1, 2


def main():
    ledger, partner, *files = sys.argv[1:]
    libpq = ctypes.CDLL('libpq.so.5')
    for name in 'PQconnectdb', 'PQexecParams':
        getattr(libpq, name).restype = ctypes.c_void_p
    libpq.PQerrorMessage.restype = ctypes.c_char_p
    connection = ctypes.c_void_p(libpq.PQconnectdb(b''))

    def ask(query, *parameters):
        values = (ctypes.c_char_p * len(parameters))(*parameters)
        result = ctypes.c_void_p(libpq.PQexecParams(connection, query.encode(), len(parameters), None, values, None, None, 0))
        if libpq.PQresultStatus(result) not in (COMMAND_OK, TUPLES_OK):
            sys.exit(libpq.PQerrorMessage(connection).decode())
        libpq.PQclear(result)

    ask('SET search_path = %s, bonus, public' % ledger)
    ask('SET plan_cache_mode = force_generic_plan')  # as doc/intake.md advises
    for file in files:
        ask("SELECT load_csv($1, 'partner-export', $2)", partner.encode(), pathlib.Path(file).read_bytes())
    libpq.PQfinish(connection)


if __name__ == '__main__':
    main()
