"""How long closing a month takes: one session, two side by side, a loop over usage lines beside them; and its memory."""
import argparse
import pathlib
import re
import statistics
import subprocess
import sys
import threading
import time

from measuring import Machine, Row, psql, timed, verdict

HERE = pathlib.Path(__file__).parent
SEARCH_PATH = 'SET search_path = billing, bonus, public;\n'


class Close(threading.Thread):
    """A session that closes partners, and the private memory it needs most."""

    def __init__(self, partners):
        super().__init__()
        self.partners, self.peak, self.failure = partners, 0, None

    def run(self):
        session = subprocess.Popen(['psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, encoding='utf-8')
        session.stdin.write('SELECT pg_backend_pid();\n')
        session.stdin.flush()
        status = pathlib.Path('/proc') / session.stdout.readline().strip() / 'status'
        partners = ','.join('partner-%d' % partner for partner in range(self.partners[0], self.partners[1] + 1))
        session.stdin.write(SEARCH_PATH + "CALL close_month('2026-09-01', '{%s}');\n" % partners)
        session.stdin.close()
        while session.poll() is None:
            try:
                self.peak = max(self.peak, int(re.search(r'RssAnon:\s+(\d+)', status.read_text()).group(1)) * 1024)
            except (OSError, AttributeError):
                pass
            time.sleep(0.02)
        self.failure = session.stderr.read()


def close(first, last, sessions):
    """Seconds for these partners, and the most memory that a session needed."""
    closing = [Close((first, last)) for _ in range(sessions)]
    start = time.perf_counter()
    for session in closing:
        session.start()
    for session in closing:
        session.join()
    took = time.perf_counter() - start
    for session in closing:
        if session.failure:
            sys.exit(session.failure)
    closed = int(psql(SEARCH_PATH + "SELECT count(*) FROM close_progress WHERE state = 'closed' AND split_part(partner_id, '-', 2)::integer BETWEEN %d AND %d;\n" % (first, last)))
    if closed != last - first + 1:
        sys.exit('%d partners of %d are closed' % (closed, last - first + 1))
    return took, max(session.peak for session in closing)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--partners', type=int, required=True)
    parser.add_argument('--runs', type=int, required=True)
    parser.add_argument('--check', action='store_true')
    options = parser.parse_args()
    # each run closes its own partners: a warm-up, then in turn some by one session, some by two
    warm, loop = 4, 2
    group = options.partners
    total = warm + loop + 2 * group * options.runs
    print('generating %d partners, %d million usage lines' % (total, total // 100), file=sys.stderr, flush=True)
    psql(SEARCH_PATH + (HERE / 'close_data.sql').read_text(), '-v', 'partners=%d' % total)
    psql(SEARCH_PATH + (HERE / 'close_by_loop.sql').read_text())
    close(1, warm, 1)
    by_loop = sum(timed(SEARCH_PATH + ''.join("SELECT bench.close_by_loop('partner-%d', '2026-09-01');\n" % p for p in range(warm + 1, warm + loop + 1)))) / 1000 / loop
    machine, speed = Machine(3000000), []
    one, two, memory_few, memory_many = [], [], 0, 0
    at = warm + loop
    for count in range(options.runs):
        speed.append(machine.count()[Machine.FIGURE])
        few, memory_few = close(at + 1, at + group // 10, 1)
        many, memory_many = close(at + group // 10 + 1, at + group, 1)
        one.append((few + many) / group)
        at += group
        took, _ = close(at + 1, at + group, 2)
        two.append(took / group)
        at += group
        print('round %d of %d: %.1f ms a partner, %.1f by two sessions' % (count + 1, options.runs, one[-1] * 1000, two[-1] * 1000), file=sys.stderr, flush=True)
    one, two, speed = statistics.median(one), statistics.median(two), {Machine.FIGURE: statistics.median(speed)}
    # of some: to look at all of them takes longer than closing
    wrong = int(psql(SEARCH_PATH + 'SELECT count(*) FROM (SELECT document_id FROM document ORDER BY document_id LIMIT 20) d '
                                   'CROSS JOIN LATERAL verify_document(d.document_id);\n'))
    rows = [
        Row(Machine.FIGURE, speed[Machine.FIGURE]),
        machine.time_row(speed, 'one session', one * 1000, None, 'ms a partner'),
        machine.time_row(speed, 'two sessions', two * 1000, None, 'ms a partner'),
        machine.time_row(speed, 'loop in PL/pgSQL', by_loop * 1000, None, 'ms a partner'),
        Row('figures of 20 documents that do not follow from themselves', wrong, 0),
        machine.time_row(speed, '1,000 partners, 1M document lines, 10M usage lines', one * 1000, 60, 's'),
        Row('one session / two sessions', one / two, 1.6, True),
        Row('loop over usage lines in PL/pgSQL / close', by_loop / one, 20, True),
        Row('memory of a session after %d partners / after %d' % (group - group // 10, group // 10), memory_many / memory_few, 1.2),
    ]
    print('\n%-66s %9s %9s  %s' % ('medians of %d rounds' % options.runs, 'here', 'scaled', 'bar'))
    for row in rows:
        print(row.wide())
    return verdict(rows, options.check)


if __name__ == '__main__':
    sys.exit(main())
