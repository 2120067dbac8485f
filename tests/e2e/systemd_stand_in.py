# SPDX-License-Identifier: Apache-2.0
"""A system bus with a systemd on it, played by python-dbusmock; for Debian's Python, which has it.

usage: systemd_stand_in.py SOCKET UNITS, where UNITS is JSON: {"x.service": {"ActiveState": ...}}.
It ends with its standard input; "ready" on its standard output says that it answers.
"""

import json
import subprocess
import sys
import tempfile

CONFIG = """<busconfig><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>"""
SYSTEMD = "org.freedesktop.systemd1"
OBJECT = "/org/freedesktop/systemd1"
# Runs in the mock: `args` are the states and the names that are asked for.
LIST = """
ret = (lambda states, names: [
    (name, name, "loaded", active, sub, "", dbus.ObjectPath(path), dbus.UInt32(0), "",
     dbus.ObjectPath("/"))
    for name, active, sub, path in {units!r}
    if (not states or active in states) and (not names or name in names)
])(*args)
"""


def main(socket, units):
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as config:
        config.write(CONFIG.format(socket=socket))
        config.flush()
        daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config.name}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            text=True,
        )
        daemon.stdout.readline()  # it listens
    import dbus
    import dbusmock

    connection = dbus.bus.BusConnection(f"unix:path={socket}")
    mock = subprocess.Popen(
        [sys.executable, "-m", "dbusmock", "--session", SYSTEMD, OBJECT, f"{SYSTEMD}.Manager"],
        env={"DBUS_SESSION_BUS_ADDRESS": f"unix:path={socket}"},
        stdout=subprocess.DEVNULL,
    )
    try:
        while not connection.name_has_owner(SYSTEMD):
            pass
        manager = dbus.Interface(connection.get_object(SYSTEMD, OBJECT), dbusmock.MOCK_IFACE)
        listed = []
        for number, (name, properties) in enumerate(sorted(units.items())):
            path = f"{OBJECT}/unit/u{number}"
            listed.append((name, properties["ActiveState"], properties["SubState"], path))
            manager.AddObject(
                path,
                f"{SYSTEMD}.Unit",
                {
                    "UnitFileState": properties.get("UnitFileState", "enabled"),
                    "StateChangeTimestamp": dbus.UInt64(properties.get("Changed", 0)),
                },
                [],
            )
            unit = dbus.Interface(connection.get_object(SYSTEMD, path), dbusmock.MOCK_IFACE)
            unit.AddProperties(
                f"{SYSTEMD}.Service",
                {
                    "Result": properties.get("Result", "success"),
                    "NRestarts": dbus.UInt32(properties.get("NRestarts", 0)),
                },
            )
        manager.AddProperties(f"{SYSTEMD}.Manager", {"Version": "252"})
        manager.AddMethod(
            f"{SYSTEMD}.Manager",
            "ListUnitsByPatterns",
            "asas",
            "a(ssssssouso)",
            LIST.format(units=listed),
        )
        print("ready", flush=True)
        sys.stdin.read()
    finally:
        for process in (mock, daemon):
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
