# Closed months elsewhere: the digests of documents depend neither on the zone of the session that closed the month, nor on the server
# they lie on; after dump and restore every line is still recomputed from its own row.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::RealBin/lib";
use File::Temp qw(tempdir);
use IPC::Run qw(run);
use Ledger;
use Test::More;

# Rules and VAT that change within a month, tiers, usage on the first and last days of two months, a late line, a correction, a credit note.
sub closed_ledger {
    my ($name, $zone) = @_;
    psql(<<"END");
SET client_min_messages = warning;
SET timezone = '$zone';
\\o /dev/null
SELECT bonus.create_ledger('$name');
SET search_path = $name, bonus, public;
UPDATE setting SET value = 'ignore' WHERE name LIKE 'close\\_%';
INSERT INTO program (program_id, name) VALUES ('flat', 'Flat'), ('grad', 'Graduated');
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap) VALUES
    ('flat', 'USD', '[2026-01-01,2026-03-31)', 0.2, 0.15, 0.35), ('flat', 'USD', '[2026-03-31,)', 0.25, 0.15, 0.35);
INSERT INTO program_terms (program_id, currency, validity, base_rate, deal_cap, total_cap, volume_rule) VALUES ('grad', 'USD', '[2026-01-01,)', 0.1, 0.15, 0.35, 'graduated');
INSERT INTO program_tier (program_terms_id, from_volume, rate) SELECT program_terms_id, 100, 0.2 FROM program_terms WHERE program_id = 'grad';
INSERT INTO partner (partner_id, billing_account_id, name, country) VALUES ('p', 'p-own', 'P', 'RS'), ('g', 'g-own', 'G', 'KZ');
INSERT INTO vat_rate (country, currency, validity, rate, included) VALUES
    ('RS', 'USD', '(,2026-03-31)', 0.18, true), ('RS', 'USD', '[2026-03-31,)', 0.2, false), ('KZ', 'USD', '(,)', 0.12, true);
INSERT INTO partner_program (partner_id, program_id, validity) VALUES ('p', 'flat', '[2026-01-01,)'), ('g', 'grad', '[2026-01-01,)');
INSERT INTO partner_status (partner_id, status, validity) SELECT partner_id, 'active', '[2026-01-01,)' FROM partner;
INSERT INTO subaccount (account_id, name) VALUES ('a', 'A'), ('b', 'B');
INSERT INTO subaccount_link (partner_id, account_id, validity) VALUES ('p', 'a', '[2026-01-01,2026-03-31)'), ('g', 'b', '[2026-01-01,)');
INSERT INTO deal (link_id, rate, validity) SELECT link_id, 0.15, '[2026-03-01,2026-03-31)' FROM subaccount_link WHERE account_id = 'a';
\\set head 'billing_account_id,service_id,sku_id,date,currency,cost,credit,monetary_grant_credit'
SELECT load_csv('p', 'partner-export', :'head' || '
a,s,k,2026-03-01,USD,10.015,-1,-1
a,s,k,2026-03-30,USD,20.025,0,0
a,s,k,2026-03-31,USD,40.035,0,0
p-own,s,k,2026-03-31,USD,5,0,0
');
SELECT load_csv('g', 'partner-export', :'head' || '
b,s,k,2026-03-01,USD,100.333,0,0
b,s,k,2026-03-31,USD,200.333,-0.5,0
b,s,k,2026-04-01,USD,50.333,0,0
');
CALL close_month('2026-03-01');
SELECT load_csv('g', 'partner-export', :'head' || '
b,s,k,2026-03-31,USD,300.777,-0.5,0
b,s,k,2026-04-30,USD,0.015,0,0
');
SELECT load_csv('p', 'partner-export', :'head' || '
a,s,k,2026-04-01,USD,1.015,0,0
');
BEGIN;
SELECT start_correction();
UPDATE program_tier SET rate = 0.3;
SELECT correct_month('2026-03-01', 'the tier was wrong');
COMMIT;
CALL close_month('2026-04-01');
SELECT credit_note(document_id, 'wrong', '{1}') FROM document WHERE partner_id = 'p' AND billing_month = '2026-03-01';
\\o
END
    return;
}

# Digests as sealed and computed anew, in the zone of the session.
sub seals {
    my ($name, $zone, @options) = @_;
    return psql(<<"END", @options);
SET timezone = '$zone';
SELECT d.partner_id, d.sequence, encode(s.digest, 'hex'), s.digest = $name.document_digest(d.document_id)
FROM $name.document d JOIN $name.document_seal s USING (document_id) ORDER BY 1, 2;
SELECT month, encode(digest, 'hex') FROM $name.month_seal ORDER BY sealed_at;
END
}

my @zones = ('UTC', 'Europe/Moscow', 'Asia/Tokyo', 'America/New_York');
my $first;
for my $zone (@zones) {
    my $name = 'closed_' . lc($zone =~ s/\W/_/gr);
    closed_ledger($name, $zone);
    my $seals = seals($name, $zone);
    $first //= $seals;
    is($seals, $first, "the same digests of what was loaded and closed under $zone");
    is(seals($name, $_), $first, "and under $_") for grep { $_ ne $zone } @zones;
    is(psql("SET timezone = '$zone'; SELECT * FROM $name.verify();"), '', "nothing is broken under $zone");
    is(psql("SET timezone = '$zone'; SELECT * FROM $name.rerate('2026-03-01') UNION ALL SELECT * FROM $name.rerate('2026-04-01');"), '',
        "rated once more under $zone: no difference");
}
is(scalar(() = $first =~ /\|t$/mg), 5, 'two documents a month, and a credit note');

my $folder = tempdir(CLEANUP => 1);
my $issued = 'SELECT md5(string_agg(l::text, chr(10) ORDER BY document_id, line_number)) FROM closed_utc.document_line l;';
for my $format (qw(plain custom)) {
    my $database = "closed_$format";
    my ($out, $err) = ('', '');
    psql("CREATE DATABASE $database;");
    ok(run([ 'pg_dump', '--format', $format, '--schema', 'closed_utc', '--extension', '*', '--schema', 'bonus', '--file', "$folder/$format" ], '2>', \$err), "pg_dump ($format)") or diag $err;
    my @restore = $format eq 'plain' ? (qw(psql -X -q -v ON_ERROR_STOP=1 -d), $database, '-f', "$folder/$format")
        : (qw(pg_restore --exit-on-error -d), $database, "$folder/$format");
    ok(run(\@restore, '>', \$out, '2>', \$err), "restore ($format)") or diag $err;
    my @there = ('-d', $database);
    is(seals('closed_utc', 'Asia/Tokyo', @there), $first, "digests are the same, as sealed and computed anew ($format)");
    is(psql($issued, @there), psql($issued), "lines are the same ($format)");
    is(psql('SELECT * FROM closed_utc.document_violation;', @there), '', "every line is recomputed from its own row ($format)");
    is(psql('SELECT * FROM closed_utc.verify();', @there), '', "nothing is broken ($format)");
    is(psql("SELECT * FROM closed_utc.rerate('2026-03-01') UNION ALL SELECT * FROM closed_utc.rerate('2026-04-01');", @there), '', "closed months rate as before ($format)");
    for my $edit ('UPDATE closed_utc.document SET gross = 1', 'DELETE FROM closed_utc.document_line', 'TRUNCATE closed_utc.document_seal') {
        is(psql_error("$edit;", @there)->{sqlstate}, '55000', "issued is issued: $edit ($format)");
    }
    # the chain goes on where it was
    psql("SELECT closed_utc.close_partner('g', '2026-05-01');", @there);
    is(psql("SELECT closed_utc.credit_note(document_id, 'wrong') > 0 FROM closed_utc.document WHERE partner_id = 'g' AND sequence = 1;", @there), "t\n", "a credit note ($format)");
    is(psql('SELECT * FROM closed_utc.document_violation;', @there), '', "the restored ledger goes on ($format)");
    psql("DROP DATABASE $database;");
}
psql('SET client_min_messages = warning; ' . join(' ', map { 'DROP SCHEMA closed_' . lc(s/\W/_/gr) . ' CASCADE;' } @zones));
done_testing();
