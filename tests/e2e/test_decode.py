# SPDX-License-Identifier: Apache-2.0
"""gpud decode: the sample logs of tests/data/kmsg, as they are and as other tools render them."""

import csv
import gzip
import json
import os
import random
import re
import subprocess
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[1] / "data/kmsg"
LOGS = sorted(path.name for path in DATA.glob("*.kmsg"))
BOOT = datetime(2026, 11, 1, tzinfo=timezone.utc)
LEVELS = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"]

with open(DATA / "expected.csv", newline="") as table:
    EXPECTED = list(csv.DictReader(table))


class Record:
    """A record of a raw log; `key` is (file, seq), as in expected.csv."""

    def __init__(self, file, raw):
        head, self.body = raw.split(";", 1)
        self.priority, self.seq, self.micros = map(int, head.split(",")[:3])
        self.key = (file, self.seq)
        escaped = self.body.split("\n")[0]
        self.text = re.sub(r"\\x(..)", lambda match: chr(int(match[1], 16)), escaped)
        device = re.search(r"^ DEVICE=(\S+)", self.body, re.MULTILINE)
        self.device = device and device[1]

    @property
    def of_kernel(self):
        return self.priority < 8

    @property
    def wall(self):
        return BOOT + timedelta(microseconds=self.micros)

    @property
    def tag(self):
        return "kernel" if self.of_kernel else "program[1]"


def records_of(file):
    raw = (DATA / file).read_bytes().decode("latin-1").rstrip("\n")
    return [Record(file, record) for record in re.split(r"\n(?! )", raw)]


def indented(prefix, text):
    return prefix + text.replace("\n", "\n" + " " * len(prefix))


def as_raw(record):
    return f"{record.priority},{record.seq},{record.micros},-;{record.body}"


def kernel_stamp(record):
    return f"[{record.micros // 1000000:5d}.{record.micros % 1000000:06d}] "


def as_dmesg(record):
    return indented(kernel_stamp(record), record.text)


def as_dmesg_with_levels(record):
    facility = "kern" if record.of_kernel else "user"
    prefix = f"{facility:6s}:{LEVELS[record.priority & 7]:6s}: {kernel_stamp(record)}"
    return indented(prefix, record.text)


def as_dmesg_with_wall_time(record):
    return indented(record.wall.strftime("[%a %b %e %H:%M:%S %Y] "), record.text)


def as_dmesg_json(record):
    time = f"{record.micros // 1000000:5d}.{record.micros % 1000000:06d}"
    message = json.dumps(record.text)
    return f'{{"pri": {record.priority},\n "time": {time},\n "msg": {message}\n}}'


def as_journal(record):
    return indented(record.wall.strftime(f"%b %d %H:%M:%S node-7 {record.tag}: "), record.text)


def as_journal_iso(record):
    stamp = record.wall.strftime("%Y-%m-%dT%H:%M:%S+0000")
    return indented(f"{stamp} node-7 {record.tag}: ", record.text)


def as_journal_json(record):
    fields = {
        "__REALTIME_TIMESTAMP": str(int(record.wall.timestamp() * 1e6)),
        "_SOURCE_MONOTONIC_TIMESTAMP": str(record.micros),
        "_TRANSPORT": "kernel",
        "PRIORITY": str(record.priority & 7),
        "SYSLOG_FACILITY": str(record.priority >> 3),
        "MESSAGE": record.text if record.text.isascii() else list(record.text.encode("latin-1")),
    }
    if record.device:
        fields["_KERNEL_DEVICE"] = record.device
    return json.dumps(fields)


def as_syslog(record):
    prefix = record.wall.strftime(f"%b %e %H:%M:%S node-7 {record.tag}: ") + kernel_stamp(record)
    return "\n".join(prefix + line for line in record.text.split("\n"))


def as_rfc5424(record):
    stamp = record.wall.isoformat()
    program = "kernel" if record.of_kernel else "program"
    text = record.text.replace("\n", "#012")
    return f"<{record.priority}>1 {stamp} node-7 {program} - - - {text}"


# Of dmesg without levels nobody can tell which lines are of programs.
HIDES_PROGRAMS = {as_dmesg, as_dmesg_with_wall_time}
KEEPS_DEVICE = {as_raw, as_journal_json}
FORMS = [
    as_raw,
    as_dmesg,
    as_dmesg_with_levels,
    as_dmesg_with_wall_time,
    as_dmesg_json,
    as_journal,
    as_journal_iso,
    as_journal_json,
    as_syslog,
    as_rfc5424,
]


def decode(gpud, log, *arguments):
    return subprocess.run(
        [gpud, "decode", *arguments],
        input=log,
        capture_output=True,
        timeout=60,
        env={**os.environ, "TZ": "UTC", "NO_COLOR": "1"},
    )


def objects_of(gpud, log):
    result = decode(gpud, log, "-o", "json", "-")
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def rendered(records, form):
    """The log, and which record begins at which of its lines."""
    head, between, tail = ("", "\n", "\n")
    if form is as_dmesg_json:
        head, between, tail = ('{\n"dmesg": [\n', ",\n", "\n]\n}\n")
    log, begins, line = [], {}, 1 + head.count("\n")
    for record in records:
        if form in HIDES_PROGRAMS and not record.of_kernel:
            continue
        text = form(record)
        begins[line] = record
        line += text.count("\n") + 1
        log.append(text)
    return (head + between.join(log) + tail).encode("latin-1"), begins


def told(objects, begins):
    """What is said of each record, wherever it stands: as (family, code, device, severity, first
    action)."""
    said = defaultdict(set)
    for incident in objects:
        for entry in [incident, *incident["evidence"]]:
            said[begins[entry["line"]].key].add(
                (
                    entry["family"],
                    entry["code"],
                    entry["device"] or "",
                    entry["severity"],
                    entry["actions"][0],
                )
            )
    return said


def differences(objects, begins, form):
    said = told(objects, begins)
    rendered_keys = {record.key for record in begins.values()}
    wrong = []
    for row in EXPECTED:
        key = (row["file"], int(row["seq"]))
        if key not in rendered_keys:
            continue
        if row["kind"] == "not_event":
            if said[key]:
                wrong.append(f"{key}: must be silent ({row['note']}), is {said[key]}")
            continue
        wanted = (row["component"], row["code"], row["device"], row["severity"], row["action"])
        got = said[key]
        if form not in KEEPS_DEVICE and not any(entry[2] == wanted[2] for entry in got):
            got = {(*entry[:2], wanted[2], *entry[3:]) for entry in got if not entry[2]}
        if wanted not in got:
            wrong.append(f"{key}: expected {wanted}, got {said[key] or 'nothing'}")
    return wrong


def check(gpud, records, form):
    log, begins = rendered(records, form)
    wrong = differences(objects_of(gpud, log), begins, form)
    assert not wrong, "\n" + "\n".join(wrong)


@pytest.mark.parametrize("file", LOGS)
@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_row_of_the_table_in_every_form(gpud, file, form):
    check(gpud, records_of(file), form)


def shuffled(seed):
    """All records of all files, those of a file in their order, with numbers that are unique."""
    files = [records_of(file) for file in LOGS]
    turns = [number for number, records in enumerate(files) for _ in records]
    random.Random(seed).shuffle(turns)
    mixed = []
    for number in turns:
        record = files[number].pop(0)
        record.seq += number * 1000000
        mixed.append(record)
    return mixed


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("form", [as_raw, as_journal_json], ids=lambda form: form.__name__)
def test_every_row_with_all_files_shuffled_together(gpud, form, seed):
    check(gpud, shuffled(seed), form)


def test_an_object_has_the_fields_that_are_promised(gpud):
    objects = objects_of(gpud, (DATA / "xid_79_fallen_off_bus.kmsg").read_bytes())
    roots = [each for each in objects if each["root"] is True]
    assert roots
    for each in objects:
        assert {
            *("time", "seq", "line", "component", "family", "name", "severity", "code", "device"),
            *("message", "actions", "count", "root", "evidence"),
        } <= each.keys()
        assert each["severity"] in ("info", "warning", "critical", "fatal")
    by_seq = {each["seq"]: each for each in objects}
    echo = by_seq[7742]
    assert echo["root"] == 7735, "the slot's link went down first"
    assert 7742 in [entry["seq"] for entry in by_seq[7735]["evidence"]]


def test_times_are_those_of_the_log(gpud):
    line = b"Nov 24 21:47:39 h kernel: NVRM: Xid (PCI:0000:9b:00): 79, GPU has fallen off the bus.\n"
    (incident,) = objects_of(gpud, line)
    assert incident["time"].endswith("-11-24T21:47:39Z")
    assert "seq" not in incident
    assert incident["line"] == 1


def test_a_report_counts_a_message_once(gpud):
    records = [record for record in records_of("xid_79_fallen_off_bus.kmsg") if record.of_kernel]
    alone = objects_of(gpud, rendered(records, as_dmesg)[0])
    rule = b"_" * 40 + b"\n\n"
    report = b"".join(
        [
            b"\nStart of NVIDIA bug report log file.  Please include this file\n\n",
            rule + b"/bin/dmesg\n\n" + rendered(records, as_dmesg)[0],
            rule + b"/usr/bin/lspci -vv\n\n\tCapabilities: AER: [100] Uncorrected errors\n",
            rule + b"journalctl -b\n\n" + rendered(records, as_journal)[0],
            rule + b"/var/log/syslog\n\n" + rendered(records, as_syslog)[0],
        ]
    )

    def facts(objects):
        return sorted((o["family"], o["code"], o["device"] or "", o["count"]) for o in objects)

    for log in (report, gzip.compress(report)):
        assert facts(objects_of(gpud, log)) == facts(alone)


def test_a_healthy_log_has_a_short_answer(gpud):
    result = decode(gpud, (DATA / "healthy_boot.kmsg").read_bytes())
    assert result.returncode == 0
    assert "no faults found" in result.stdout.decode()
    assert "5 of programs (never reported)" in result.stdout.decode()


def test_the_worst_comes_first_with_what_to_do(gpud):
    text = decode(gpud, (DATA / "xid_79_fallen_off_bus.kmsg").read_bytes()).stdout.decode()
    order = ["fatal", "pci pcie_link_down", "to do", "with it", "xid 79 on 0000:9b:00.0"]
    assert [*map(text.index, order)] == sorted(map(text.index, order))
    assert text.index("with it") < text.index("xid 79 on 0000:4c:00.0"), "a fault of its own"
    assert "drain the node and reboot it" in text


def test_broken_input_is_counted_and_never_fails(gpud):
    noise = random.Random(1).randbytes(200_000)
    xid = b"4,7,2000000,-;NVRM: Xid (PCI:0000:9b:00): 79, GPU has fallen off the bus.\n"
    log = b"6,a,b,-;x\n\xff\xfe\x00\n" + noise + b"\n" + b"x" * 1_000_000 + b"\n" + xid[:-1]
    result = decode(gpud, log)
    assert result.returncode == 0
    assert "unparsable" in result.stdout.decode()
    assert "xid 79" in result.stdout.decode()
    result = decode(gpud, log, "-o", "json")
    assert result.returncode == 0
    assert "unparsable" in result.stderr.decode()
    assert [json.loads(line)["code"] for line in result.stdout.splitlines()] == ["79"]


def test_an_unreadable_file_is_named_and_the_others_are_decoded(gpud, folder):
    good = folder / "good"
    good.write_bytes((DATA / "xid_79_fallen_off_bus.kmsg").read_bytes())
    cut = folder / "cut.gz"
    cut.write_bytes(gzip.compress(good.read_bytes())[:-200])
    result = decode(gpud, b"", "-o", "json", str(folder / "missing"), str(cut), str(good))
    assert result.returncode == 1
    assert str(folder / "missing") in result.stderr.decode()
    assert f"{cut}: the gzip data is cut off" in result.stderr.decode()
    files = {json.loads(line)["file"] for line in result.stdout.splitlines()}
    assert str(good) in files
