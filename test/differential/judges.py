"""What programs of the archive world make of files: a JSON line in, a JSON line out, bytes as base64. Run by judges.ts, which says what is asked."""
import base64
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import apt_pkg

apt_pkg.init_config()
index = None
folder = tempfile.mkdtemp(prefix="amt-judge-")


def write(name, data):
    path = os.path.join(folder, name)
    with open(path, "wb") as file:
        file.write(data)
    return path


def encoded(data):
    return None if data is None else base64.b64encode(data).decode()


def apt_text(path):
    """The text that apt reads of a signed file; what is no such file comes back whole, as apt has it."""
    try:
        with os.fdopen(apt_pkg.open_maybe_clear_signed_file(path), "rb") as file:
            return file.read()
    except apt_pkg.Error:
        return None


def gpgv(keyring, *files):
    """Status lines, as apt asks for them, and the signed text where one was written."""
    output = os.path.join(folder, "output")
    if os.path.exists(output):
        os.unlink(output)
    read, status = os.pipe()
    arguments = ["--homedir", folder, "--ignore-time-conflict", "--status-fd", str(status), "--keyring", keyring]
    into = ["--output", output] if len(files) == 1 else []
    child = subprocess.Popen(["gpgv", *arguments, *into, *files], pass_fds=[status], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(status)
    with os.fdopen(read, "rb") as pipe:
        lines = pipe.read().decode("latin1").split("\n")
    child.wait(30)
    text = None
    if os.path.exists(output):
        with open(output, "rb") as file:
            text = file.read()
    return [line[9:] for line in lines if line.startswith("[GNUPG:] ")], text


BEGIN = b"-----BEGIN PGP SIGNATURE-----"


def signature_of(file):
    """The lines that apt takes for signatures."""
    lines = [line.rstrip(b" \t\r\n\v\f") for line in file.split(b"\n")]
    return b"\n".join(lines[lines.index(BEGIN):]) + b"\n" if BEGIN in lines else None


def sqv(keyring, signature, text):
    """sqv looks at the first block of a file: each gets a file of its own. Without headers, of which sqv wants each to have a value."""
    blocks = [BEGIN + re.sub(rb"^\n(?:[A-Za-z-]+:[^\n]*\n)+", b"\n", block) for block in signature.split(BEGIN)[1:]]
    return any(
        subprocess.run(["sqv", "--keyring", keyring, write("block", block), text], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                       timeout=30).returncode == 0
        for block in blocks)


def signed(ask):
    """Of a clear-signed file apt's text, and gpgv on the halves that apt makes of it; with "all" gpgv on the file too, and sqv where it is there."""
    data = base64.b64decode(ask["file"])
    path = write("signed", data)
    text, signature = apt_text(path), signature_of(data)
    answer = {"aptText": encoded(text), "file": [], "output": None, "halves": [], "sqv": None}
    if ask["all"]:
        answer["file"], output = gpgv(ask["keyring"], path)
        answer["output"] = encoded(output)
    if text is not None and signature is not None:
        halves = write("halves.asc", signature), write("halves.txt", text)
        answer["halves"] = gpgv(ask["keyring"], *halves)[0]
        if ask["all"] and shutil.which("sqv"):
            answer["sqv"] = sqv(ask["keyring"], signature, halves[1])
    return answer


def client():
    """An apt client of one flat archive, whose one list is written by hand."""
    for name in ("lists/partial", "etc", "cache"):
        os.makedirs(os.path.join(folder, name))
    write("status", b"")
    write("etc/sources.list", b"deb [trusted=yes] copy:/archive ./\n")
    for key, value in {
        "Dir::Etc": folder + "/etc", "Dir::Etc::sourcelist": folder + "/etc/sources.list", "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State": folder, "Dir::State::lists": folder + "/lists", "Dir::State::status": folder + "/status",
        "Dir::State::extended_states": folder + "/extended", "Dir::Cache": folder + "/cache", "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "", "APT::Architecture": "amd64", "APT::Cache-Start": "100000", "Acquire::Languages": "none",
    }.items():
        apt_pkg.config.set(key, value)
    apt_pkg.config.clear("APT::Architectures")
    apt_pkg.init_system()
    return os.path.join("lists", "_archive_._Packages")


def sha256_of(records):
    try:
        return next((one.hashvalue for one in records.hashes if one.hashtype == "SHA256"), None)
    except UnicodeDecodeError:
        return "no text"


def stanzas(ask):
    """What an apt client sees of an index: what it lists of each version, or why it gives up; and what python-debian reads."""
    global index
    index = index or client()
    data = base64.b64decode(ask["file"])
    write(index, data)
    try:
        cache = apt_pkg.Cache(None)
        records = apt_pkg.PackageRecords(cache)
        found = []
        for package in cache.packages:
            for version in package.version_list:
                for place in version.file_list:
                    records.lookup(place)
                    found.append([package.name, version.ver_str, version.arch, records.filename, str(version.size), sha256_of(records)])
        answer = {"apt": found, "error": None}
    except (apt_pkg.Error, SystemError) as error:
        answer = {"apt": [], "error": str(error)}
    return answer | {"debian": python_debian(data, ask["fields"]) if ask["debian"] else []}


def python_debian(data, fields):
    from debian.deb822 import Deb822
    found = []
    try:
        for stanza in Deb822.iter_paragraphs(data.split(b"\n"), use_apt_pkg=False, encoding="latin1"):
            found.append([encoded(stanza[field].encode("latin1")) if field in stanza else None for field in fields])
    except Exception as error:
        found.append({"error": repr(error)})
    return found


def relations(ask):
    """Whether apt can read each text as Depends."""
    apt_pkg.config.set("APT::Architecture", "amd64")
    apt_pkg.init_system()
    found = []
    for text in ask:
        try:
            apt_pkg.parse_depends(text, False, "amd64")
            found.append(True)
        except ValueError:
            found.append(False)
    return found


def versions(ask):
    apt_pkg.init_system()
    return [apt_pkg.version_compare(left, right) for left, right in ask]


def times(ask):
    found = []
    for text in ask:
        try:
            found.append(apt_pkg.str_to_time(text))
        except Exception:
            found.append(None)
    return found


def main():
    judge = {"signed": signed, "stanzas": stanzas, "relations": relations, "versions": versions, "times": times}[sys.argv[1]]
    try:
        for line in sys.stdin:
            print(json.dumps(judge(json.loads(line))), flush=True)
    finally:
        shutil.rmtree(folder)


main()
