# scripts/sandbox: what it promises. Needs a built extension only where PARTNER_BONUS_INSTALL names none.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use File::Temp qw(tempdir);
use IPC::Run qw(run start timeout);
use Test::More;
use sigtrap qw(die normal-signals);

my $root = $ENV{PARTNER_BONUS_ROOT} // abs_path(dirname(__FILE__) . '/../..');
our $sandbox = "$root/scripts/sandbox";

# Directories of this test's sandboxes, and of no other's.
my $place = tempdir('sandbox_test.XXXX', DIR => '/tmp', CLEANUP => 1);
chmod 0755, $place;
$ENV{TMPDIR} = $place;

# Runs a command in a sandbox: exit code (signals as 128 + n), stdout, stderr.
sub sandbox {
    my (@arguments) = @_;
    my ($out, $err) = ('', '');
    run([ $sandbox, @arguments ], '<', \'', '>', \$out, '2>', \$err, timeout(300));
    return ($? & 127 ? 128 + ($? & 127) : $? >> 8, $out, $err);
}

sub leftovers {
    return join ' ', glob("$place/partner_bonus.*"), grep { /\Q$place\E/ } split /\n/, `ps -eo args`;
}

sub wait_for {
    my ($what) = @_;
    for (1 .. 300) {
        return 1 if $what->();
        select undef, undef, undef, 0.1;
    }
    return 0;
}

my ($code, $out, $err) = sandbox('true');
is($code, 0, 'exit code 0 is returned');
is($err, '', 'and nothing is printed');
is((sandbox('sh', '-c', 'exit 7'))[0], 7, "the command's exit code is returned");
is((sandbox('sh', '-c', 'kill -KILL $$'))[0], 137, 'a command that was killed counts as one');
is((sandbox('/nonexistent/command'))[0], 127, 'so does one that cannot be found');
is((sandbox())[0], 2, 'no command: a usage error');
is((sandbox('--nonsense', 'true'))[0], 2, 'an unknown option: a usage error');
like((sandbox('--help'))[1], qr/scripts\/sandbox \[OPTION\.\.\.\] COMMAND/, '--help');
is(leftovers(), '', 'nothing is left');

{
    local $ENV{PGOPTIONS} = '-c work_mem=65kB';
    local $ENV{PGSERVICE} = 'elsewhere';
    local $ENV{PGHOST} = 'elsewhere.invalid';
    ($code, $out) = sandbox('sh', '-c', 'psql -XAtc "SHOW work_mem" && env | grep ^PG | grep -v PG_CONFIG | cut -d= -f1 | sort');
    is($out, "4MB\nPGDATABASE\nPGHOST\nPGPORT\nPGUSER\n", 'the environment names the private server and nothing else');
}

my $probe = 'SELECT count(*) FROM pg_extension WHERE extname = \'partner_bonus\' UNION ALL '
    . 'SELECT count(*) FROM pg_namespace WHERE nspname = \'billing\'';
is((sandbox('psql', '-XAtc', $probe))[1], "1\n1\n", 'extension and ledger are there');
is((sandbox('--no-ledger', 'psql', '-XAtc', $probe))[1], "1\n0\n", '--no-ledger');
is((sandbox('--no-extension', 'psql', '-XAtc', $probe))[1], "0\n0\n", '--no-extension');
is((sandbox('--setting', 'work_mem=64kB', '--setting', 'cluster_name=it\'s', 'psql', '-XAt', '-c', 'SHOW work_mem', '-c',
            'SHOW cluster_name'))[1], "64kB\nit's\n", '--setting');
is((sandbox('psql', '-XAtc', 'SHOW listen_addresses'))[1], "\n", 'no TCP');
is((sandbox('sh', '-c', 'ps -o user= -p "$(head -n 1 "$(psql -XAtc "SHOW data_directory")/postmaster.pid")"'))[1] =~ s/\s//gr,
    $> == 0 ? 'postgres' : scalar getpwuid($>), 'the server does not run as root');

{
    my $copy = '';
    run([ $sandbox, '--no-extension', 'cat' ], '<', \"given\n", '>', \$copy);
    is($copy, "given\n", 'stdin reaches the command');
}

# From elsewhere, through a link, with a long name of the temporary directory.
{
    symlink $sandbox, "$place/link" or die;
    run([ 'sh', '-c', "cd / && $place/link psql -XAtc 'SELECT 5'" ], '>', \$out);
    is($out, "5\n", 'runs from any directory and through a link');
    local $ENV{TMPDIR} = "$place/" . 'x' x 100;
    mkdir $ENV{TMPDIR} or die;
    is((sandbox('--no-extension', 'psql', '-XAtc', 'SELECT 6'))[1], "6\n", 'a long TMPDIR does not break the socket');
}

# Several at once.
{
    my @outs = ('') x 3;
    my @runs = map { start([ $sandbox, 'psql', '-XAtc', "SELECT $_ FROM pg_sleep(1)" ], '>', \$outs[$_]) } 0 .. 2;
    $_->finish for @runs;
    is(join('', @outs), "0\n1\n2\n", 'three at once');
    is(leftovers(), '', 'nothing is left');
}

# Signals: to the script alone, and to its process group as from a terminal.
for my $signal (qw(TERM INT HUP)) {
    my $ready = "$place/ready";
    unlink $ready;
    my $pid = fork() // die;
    if (!$pid) {
        setpgrp;
        open STDERR, '>', '/dev/null';
        exec $sandbox, '--no-extension', 'sh', '-c', "touch $ready; exec perl -e 'sleep 300' $place/command";
    }
    ok(wait_for(sub { -e $ready }), "a command runs ($signal)");
    kill $signal, $signal eq 'INT' ? -$pid : $pid;
    waitpid $pid, 0;
    isnt($?, 0, "$signal ends it with an error");
    ok(wait_for(sub { leftovers() eq '' }), "$signal: nothing is left, nor the command") or diag leftovers();
}

# --keep and --stop.
{
    ($code, $out, $err) = sandbox('--keep', 'psql', '-XAtc', 'SELECT 8');
    is("$code $out", "0 8\n", '--keep runs the command');
    my ($connect) = $err =~ /^\s+(\S*psql .*)$/m;
    my ($stop) = $err =~ /^\s+(\S*sandbox --stop .*)$/m;
    is(`$connect -XAtc 'SELECT 9'`, "9\n", 'the printed line connects');
    system($stop);
    is($?, 0, 'the printed line stops the server');
    is(leftovers(), '', 'nothing is left');
    mkdir "$place/mine" or die;
    isnt((sandbox('--stop', "$place/mine"))[0], 0, '--stop refuses a directory that is not a sandbox');
    ok(-d "$place/mine", 'and leaves it alone');
}

# A tree that is not ours to write, and a user without rights: a small extension stands for the real one.
{
    delete local $ENV{PARTNER_BONUS_INSTALL};
    my $tree = "$place/tree";
    mkdir $tree or die;
    system("cp -r '$root/scripts' '$tree/scripts'");
    my %files = (
        'Makefile' => "EXTENSION = partner_bonus\nDATA = partner_bonus--1.sql\nMODULES = small\n"
            . "override with_llvm := no\nPGXS := \$(shell \$(PG_CONFIG) --pgxs)\ninclude \$(PGXS)\n",
        'partner_bonus.control' => "default_version = '1'\nrelocatable = false\nschema = bonus\n",
        'partner_bonus--1.sql' => "CREATE FUNCTION small() RETURNS integer LANGUAGE c AS '\$libdir/small';\n",
        'small.c' => "#include \"postgres.h\"\n#include \"fmgr.h\"\nPG_MODULE_MAGIC;\nPG_FUNCTION_INFO_V1(small);\n"
            . "Datum small(PG_FUNCTION_ARGS) { PG_RETURN_INT32(42); }\n",
    );
    for my $name (keys %files) {
        open my $file, '>', "$tree/$name" or die;
        print $file $files{$name};
    }
    system("chmod -R go+rX,a-w '$tree'");
    chmod 01777, $place;
    my @user = $> == 0 ? qw(setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent) : ();
    run([ @user, "$tree/scripts/sandbox", '--no-ledger', 'psql', '-XAtc', 'SELECT bonus.small()' ], '<', \'', '>', \$out, '2>', \$err);
    is($out, "42\n", 'a user without rights, a tree that cannot be written: built elsewhere') or diag $err;
    is(join(' ', grep { !/\/(scripts|Makefile|partner_bonus[^\/]*|small\.c)$/ } glob("$tree/*")), '', 'nothing was built in the tree');
    is(leftovers(), '', 'nothing is left');
    system("chmod -R u+w '$tree'");
    is(`$tree/scripts/sandbox --no-ledger psql -XAtc 'SELECT bonus.small()'`, "42\n", 'a tree that can be written: built there');
    ok(-e "$tree/small.so", 'and kept for the next time');
}

# A build that fails leaves nothing either, and says why.
{
    local $ENV{PARTNER_BONUS_INSTALL} = '';
    my $broken = "$place/broken";
    mkdir $broken or die;
    system("cp -r '$root/scripts' '$broken/scripts'");
    local $sandbox = "$broken/scripts/sandbox";
    ($code, $out, $err) = sandbox('true');
    isnt($code, 0, 'no build, no success');
    like($err, qr/does not build/, 'it says so');
    is(leftovers() =~ s/\S*broken\S*//gr, '', 'nothing is left');
}

done_testing();
