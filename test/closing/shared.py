"""Where the parts of other tests are that this one uses: exact arithmetic and printing (oracle), and the model of usage in
versions of days (restatement)."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
# both have a module named server: the session of psql is the one of restatement
sys.path[1:1] = [os.path.join(HERE, '..', 'restatement'), os.path.join(HERE, '..', 'oracle')]
