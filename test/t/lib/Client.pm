package Client;

# What the tests of pbonus share: the client, built where PBONUS names none, a folder of their own, and files in it.
use strict;
use warnings;
use Exporter qw(import);
use File::Temp qw(tempdir);
use IPC::Run qw(run);
use JSON::PP qw(decode_json);
use Ledger;
use Test::More;

our @EXPORT = qw($folder $pbonus pbonus json slurp spew);
our $folder = tempdir(CLEANUP => 1);
our $pbonus = $ENV{PBONUS} // built();

sub built {
    my $log;
    run([ 'sh', '-c', "cmake -S '$root' -B '$folder/build' -DPARTNER_BONUS_CLIENT=ON -DBUILD_TESTING=OFF && "
            . "cmake --build '$folder/build' -j 2 --target pbonus" ], '>&', \$log) or BAIL_OUT("pbonus does not build: $log");
    return "$folder/build/pbonus";
}

# Runs it: exit code, standard output, standard error. A reference to a text in front is its standard input.
sub pbonus {
    my @arguments = @_;
    my ($out, $err) = ('', '');
    my @input = ref $arguments[0] ? ('<', shift @arguments) : ('<', \'');
    run([ $pbonus, @arguments ], @input, '>', \$out, '2>', \$err);
    return { exit => $? >> 8, out => $out, err => $err };
}

sub json {
    my $done = pbonus(@_, '--json');
    my $answer = eval { decode_json($done->{out}) };
    return { %$done, json => $answer };
}

sub slurp {
    my ($name) = @_;
    open my $file, '<:raw', $name or die "$name: $!";
    local $/;
    return scalar <$file>;
}

sub spew {
    my ($name, $content) = @_;
    open my $file, '>:raw', "$folder/$name" or die;
    print $file $content;
    close $file or die;
    return "$folder/$name";
}

1;
