/**
 * Every fault and attack that aptmerge answers, by the id that the titles of its tests begin with: T transport, S signatures and trust, M metadata,
 * X a lesser mirror that is trusted for its own packages only, O overrides, config and surroundings, C state and disk, P processes, K our keys,
 * U publishing. `npm run threats` prints them with their tests.
 */
const TEXT = `
T01 a mirror that refuses the connection or has no address is tried again a few times, then its suites keep what they had
T02 a mirror that takes the connection and says nothing is given up after its timeout
T03 a body that drips is given up for being too slow, though it never stops
T04 a body shorter than announced is never taken for whole
T05 a chunked body without its end is never taken for whole
T06 a Release without end is cut off at 10 MB
T07 an index longer than its Release lists is cut off there
T08 one wrong bit is found, asked for once more past caches, then refused with both digests
T09 a login page in place of everything is refused, with a word on what it looks like
T10 a login page in place of indices alone is refused, and the tree stays
T11 an empty answer is refused unless the Release lists an empty file
T12 redirects in a circle end after ten
T13 a redirect from https to http, or to anything else than http and https, is not followed
T14 a redirect to another host is followed only where it may lead, never to the machine itself
T15 a redirect with control characters is not followed
T16 a Content-Encoding that only names what the file is leaves its bytes alone
T17 a Content-Encoding that packs the file once more is not undone: the digest decides
T18 a server that answers a Range with the whole file is read from the start
T19 a rest that belongs to another state of the file is found by the digest, and fetched anew once
T20 a part that begins elsewhere than asked, or that nobody asked for, is refused
T21 a part that is complete already is digested, or fetched anew
T22 "not modified" for something that is no longer stored is asked again without conditions, then refused
T23 a stored Release is judged by today's keys and clock in each run
T24 a new Release over old indices is taken by digest, or refused as half-pushed
T25 an old Release over new indices is still taken by digest, or refused
T26 a mirror that changes at any request gives one state or none
T27 hosts behind one name that have different states give one state or none
T28 a mirror that asks for a day of patience is not waited for
T29 Release and Release.gpg stand in for an InRelease that is not there, never for one that fails
T30 answers that break HTTP, or have headers without end, are refused in bounded memory
T31 an old but lawful HTTP server is understood
S01 an unsigned stanza before the signed text
S02 an unsigned stanza before it without an empty line between
S03 an unsigned stanza behind the signature
S04 a second signed message behind the first
S05 a signature whose empty line is made of blanks, with text behind
S06 an indented end of the signature, with text behind
S07 a signature that never ends, or a line beyond what gpg reads
S08 a signature by an unknown key is refused with the full fingerprint and the keyring
S09 a key that is trusted for another mirror only is unknown here
S10 an expired or revoked key is refused, and told of thirty days before
S11 a signature that has expired, or is dated ahead, is refused
S12 weak digests and weak keys are refused
S13 a good signature beside one by an unknown key is good
S14 a good signature beside a bad one is refused
S15 a subkey speaks for its pinned primary; a pinned subkey speaks for itself alone
S16 InRelease and Release are never mixed
S17 a mirror that stops signing is refused
S18 a Release older than the accepted one changes nothing
S19 two contents of one Date are an equivocation and refused
S20 a Date ahead of the clock is refused, and locks nobody out
S21 a Release past its Valid-Until is refused, unless its mirror is known to be frozen
S22 a Release without a Date is refused
S23 another suite than the one asked for is refused, however well signed
S24 another Origin, Label, Codename or default pin holds the suite until it is accepted
S25 a Release with weak digests only is refused
S26 a file without a strong digest counts as not listed
S27 a keyring that is empty, unreadable or writable for others is a fault of the config
S28 a verifier that is missing or dies never counts as consent
S29 user ids, notations and file names cannot forge a verdict
S30 only the first stanza of a Release is read, and a second one refused
S31 a key that a Release names is not trusted for it
M01 a name in a Release never becomes a path
M02 one file listed twice with different digests is refused
M03 an index that unpacks to more than listed is cut off there, in bounded memory
M04 an index larger than the config allows is not fetched
M05 sizes are digits, nothing else
M06 xz that wants gigabytes, is cut off or has something behind it is refused; several streams are read
M07 what is in a file must have the digest that is listed for it
M08 unknown fields, their case and order stay
M09 line ends and byte order marks are not repaired
M10 control bytes spoil their stanza
M11 bytes that are no UTF-8 pass through
M12 lines, fields and stanzas without end are refused in bounded memory
M13 a missing last newline and empty lines do no harm
M14 an index that shrinks too much holds its suite
M15 a stanza without what clients need is left out and told of
M16 a field that stands twice spoils its stanza
M17 odd field names spoil their stanza, odd but lawful ones stay
M18 a line that is no field refuses the file
M19 the same stanza twice is published once
M20 the same version with another digest from another mirror is the winner's, whole
M21 the same version with another digest from one mirror is the first one, and told of
M22 a malformed version spoils its stanza
M23 a package for all architectures in two indices is published once
M24 a missing Translation or Contents is done without, never taken from another state
M25 a description that lost its translation is whole in Packages
M26 Contents without order or end are merged in bounded memory
M27 a wrong patch is replaced by the whole file
M28 paths in Sources follow the rule of Filename
X01 a higher version of a name that another mirror owns is not seen
X02 a higher mirror that is made to fail does not hand its names down
X03 a lesser mirror that provides names of others is told of, or kept from it
X04 a lesser mirror's Essential and Priority are told of, or kept out
X05 a lesser mirror's relations against others are told of, or kept out
X06 names that are no package names are left out
X07 a source name has one owner too
X08 a stanza of another architecture is left out
X09 a Filename that is no path below the archive is never written
X10 a Filename that could name another host is never written
X11 one Filename for two packages of different content is told of, or refused
X12 pool paths of two mirrors never meet
X13 an override for a mirror or suite that is not there is told of
X14 packages without number are refused
X15 fields that steer clients can be kept out by mirror
X16 fields of our Release come from our config alone
O01 a config with unknown keys, wrong types, double keys or tabs is refused with line and column
O02 mirrors that are the same twice are told of or refused
O03 OUTPUT and STATE that lie in each other, at the root or behind a link circle are refused
O04 override rules that match nothing, contradict or are made to be slow do no harm
O05 what an override takes away or turns back is in the report
O06 passwords in URLs are in no output and no file
O07 locale, time zone, umask, home and terminal change no byte and no mode
C01 a damaged stored file is found and fetched again
C02 damaged caches cost time only; damaged trust stops
C03 a folder, pipe or link in place of a file of STATE is never written through
C04 STATE of a later version is refused and left alone
C05 lost STATE keeps the floor, from what is published
C06 a clock that is behind takes nothing back
C07 a clock that is ahead refuses everything and raises no floor
C08 a full disk leaves the old tree
C09 a failing disk leaves the old tree
C10 folders that cannot be written are found before anything is fetched
C11 too few inodes, files or links leave the old tree
C12 after many runs the disk holds what is needed and no more
P01 killed at any call, the tree is the old or the new one, and the next run needs no help
P02 stopped by a signal it ends within seconds, with its children
P03 of several starts at once one works, the others say who
P04 a lock that was left behind locks nothing
P05 out of memory or out of its mind, it fails and leaves the old tree
P06 a closed or full standard output does not stop publishing
P07 what is renamed has reached the disk before
P08 a run that is still at work is named to those that wait
K01 a missing key is found before anything is fetched
K02 an expired key stops the run, one that soon expires is told of
K03 a passphrase that nobody can enter fails at once
K04 an agent that is dead, or too deep in the tree for its socket, fails in time
K05 a weak key does not sign
K06 a signature is verified with the published key before the switch
K07 when one of two signatures fails, nothing is switched
K08 two keys sign side by side while one replaces the other
K09 the secret key is read by its owner alone and written nowhere
K10 the signed text comes out as it went in
U01 clients between two generations find what they look for by its digest
U02 clients that go by names see one generation
U03 superseded files stay for a time, not for a number of runs
U04 file systems without links, or different ones, work by copying
U05 what a killed run left is removed by the next one
U06 nothing new upstream moves no byte
U07 Valid-Until is never stretched over what could not be verified
U08 our Date only rises
U09 a suite that leaves the config leaves the tree as the config says
U10 a published file is never written again
U11 modes are what web servers need, whatever the umask
U12 InRelease, Release and Release.gpg agree before the switch
`;

export interface Row {
  readonly id: string;
  /** What must hold. */
  readonly holds: string;
}

export const ROWS: readonly Row[] = TEXT.trim()
  .split("\n")
  .map((line) => ({ id: line.slice(0, 3), holds: line.slice(4) }));
