# Perl: data, regular expressions, modules; processes, pipes, signals; sockets have a script of their own.
use strict; use warnings; no warnings 'portable'; use feature qw(say state);
use List::Util qw(sum max first reduce shuffle); use POSIX qw(floor strftime :sys_wait_h); use Data::Dumper; use Time::HiRes qw(sleep alarm);
use Digest::SHA qw(sha256_hex); use Digest::MD5 qw(md5_hex); use MIME::Base64; use Encode; use File::Temp qw(tempdir); use File::Find; use Storable qw(dclone freeze thaw); use JSON::PP; use Math::BigInt; use Scalar::Util qw(weaken blessed);
$| = 1; $Data::Dumper::Sortkeys = 1; $Data::Dumper::Indent = 1;

my %count; $count{$_}++ for split ' ', 'the quick brown fox jumps over the lazy dog the end';
say join ' ', map { "$_=$count{$_}" } sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
my $text = 'On 2024-02-29 and 1999-12-31'; say "$3.$2.$1" while $text =~ /(\d+)-(\d+)-(\d+)/g;
(my $swapped = $text) =~ s/(?<year>\d{4})-(\d\d)/$2\/$+{year}/g; say $swapped;
say 'nested ', '((a)(b(c)))x' =~ /^(\((?:[^()]++|(?1))*\))/ ? $1 : 'no'; say join '|', 'a1b22c333' =~ /[a-z]\d+(?=[a-z]|$)/g; say 'tr: ', ($text =~ tr/0-9//);
printf "%5.2f|%-6s|%06d|%x|%b|%e|%s|%vd\n", 3.14159, 'ab', 42, 255, 10, 12345.678, 1e21, '1.22.333';
say sum(1 .. 100), ' ', max(3, 9, 2), ' ', first { $_ > 3 } 1 .. 9; say reduce { $a * $b } 1 .. 10; say join ',', (sort { $a <=> $b } shuffle 1 .. 10)[0 .. 3], reverse 'a' .. 'e';
print Dumper({ list => [1, [2, 3]], code => undef, text => "a'b" }); say JSON::PP->new->canonical->encode(decode_json('{"b":[1,2.5,null,true],"a":"\u00e9"}'));
say sha256_hex('portolan'), ' ', md5_hex('portolan'), ' ', encode_base64('chart', ''); say length(encode('UTF-8', "\x{263a}")), ' ', Math::BigInt->new(2)->bpow(200);
say strftime('%F %T', gmtime 1e9), ' ', floor(-2.5), ' ', 7 % -3, ' ', 2 ** 0.5, ' ', int(1e15 / 7), ' ', 0x7fffffffffffffff + 0, ' ', 1 <=> 2;
{ package Animal; sub new { my ($class, %a) = @_; bless {%a}, $class } sub speak { my $self = shift; sprintf '%s says %s', $self->{name}, $self->sound } sub DESTROY { print "gone: $_[0]{name}\n" } package Dog; our @ISA = 'Animal'; sub sound { 'woof' } }
{ my $dog = Dog->new(name => 'Rex'); say $dog->speak; } my $r = eval { die { code => 42 } }; say "died with $@->{code}"; eval { my $zero = 0; my $x = 1 / $zero }; print "error: $@";
sub counter { my $n = shift; sub { $n++ } } my $c = counter(5); $c->(); say $c->(); my @sorted = map { $_->[1] } sort { $a->[0] <=> $b->[0] } map { [length, $_] } qw(ccc a bb); say "@sorted"; say local $_ = join(',', map { sprintf '%02x', $_ } unpack 'C*', pack 'nNvVw', 1, 2, 3, 4, 300);

# Processes.
pipe(my $reader, my $writer) or die; my $pid = fork // die; if (!$pid) { close $reader; print $writer "from the child\n"; close $writer; POSIX::_exit(7) }
close $writer; print scalar <$reader>; waitpid $pid, 0; say 'status ', $? >> 8; my @pids = map { my $n = $_; my $p = fork // die; if (!$p) { sleep 0.01 * (5 - $n); POSIX::_exit($n) } $p } 1 .. 4; say join ' ', map { waitpid $_, 0; $? >> 8 } @pids;
say 'backticks: ', `uname -m` =~ s/\n//r, ' ', scalar(my @l = `seq 5`); say system('sh', '-c', 'exit 3') >> 8; system 'kill -9 $$'; say $? & 127; open my $sort, '|-', 'sort', '-r' or die; print $sort "$_\n" for qw(b c a); close $sort; open my $in, '-|', 'seq', '3' or die; chomp(my @seq = <$in>); say "@seq"; close $in;
$SIG{USR1} = sub { say 'caught USR1' }; kill USR1 => $$; { local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 0.1; select undef, undef, undef, 5; }; print "got $@"; alarm 0 } { local $SIG{CHLD} = sub { while ((my $p = waitpid -1, WNOHANG) > 0) { say 'reaped ', $? >> 8 } }; my $p = fork // die; POSIX::_exit(11) if !$p; for (1 .. 200) { last if kill(0, $p) == 0; sleep 0.01 } }
local $SIG{__WARN__} = sub { print "warned: $_[0]" }; warn "careful\n"; $SIG{PIPE} = 'IGNORE'; pipe(my $gone, my $full); close $gone; say defined syswrite($full, 'x') ? 'written' : "error: $!"; my $p2 = fork // die; if (!$p2) { $SIG{TERM} = 'DEFAULT'; sleep 10; exit } kill TERM => $p2; waitpid $p2, 0; say 'signal ', $? & 127;
my $dir = tempdir(CLEANUP => 1); for (1 .. 3) { open my $f, '>', "$dir/f$_" or die; print $f "line $_\n" x $_; close $f } my $files = 0; find(sub { $files++ if -f }, $dir); say "$files files ", -s "$dir/f3"; open my $f, '+<', "$dir/f3"; seek $f, 5, 0; read $f, (my $bytes), 4; say $bytes =~ s/\n/~/r, ' ', tell $f; say join ',', sort map { s{.*/}{}r } glob "$dir/*"; rename "$dir/f1", "$dir/g1"; unlink "$dir/f2"; opendir my $d, $dir; say join ' ', sort grep { !/^\./ } readdir $d;
use IPC::Open3; my $opened = open3(my $to, my $from, undef, 'cat'); print $to "through cat\n"; close $to; print <$from>; waitpid $opened, 0; my $sum = 0; $sum += $_ * $_ % 7 for 1 .. 100000; say $sum; exec 'sh', '-c', 'echo replaced; exit 6';
