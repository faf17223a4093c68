"""Databases filled as the four reference systems describe theirs."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pymongo
import sqlalchemy as sa

START = datetime(2026, 2, 12, 10, 0, tzinfo=UTC)


def run_sql(url: str, *statements: str) -> None:
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def fresh(url: str) -> None:
    """Drop every table of a MySQL database."""
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 0")
        for name in sa.inspect(connection).get_table_names():
            connection.exec_driver_sql(f"DROP TABLE `{name}`")
        connection.exec_driver_sql("SET FOREIGN_KEY_CHECKS = 1")
    engine.dispose()


def steel_factory(url: str, *, dated: bool = True) -> None:
    """Two machines, six records of eight hours; the check value of the domain page is the first."""
    fresh(url)
    day = "RecordDate DATE NOT NULL," if dated else ""
    run_sql(
        url,
        "CREATE TABLE Machine (MachineID INT AUTO_INCREMENT PRIMARY KEY, MachineName VARCHAR(100) NOT NULL,"
        " MachineType VARCHAR(50), Location VARCHAR(100))",
        f"CREATE TABLE Performance_Data (PerformanceID INT AUTO_INCREMENT PRIMARY KEY, {day}"
        " MachineID INT NOT NULL, OperatingTime FLOAT, Downtime FLOAT, ActualOutput INT, GoodUnits INT,"
        " OEE FLOAT,"
        " FOREIGN KEY (MachineID) REFERENCES Machine (MachineID))",
        "CREATE TABLE Alerts (AlertID INT AUTO_INCREMENT PRIMARY KEY, MachineID INT, AlertMessage TEXT,"
        " Severity VARCHAR(20))",
        "INSERT INTO Machine (MachineName, MachineType, Location) VALUES"
        " ('Blast Furnace', 'Furnace', 'Hall A'), ('Rolling Mill', 'Mill', 'Hall B')",
    )
    rows = [
        (1, 373, 47, 19_271, 18_848), (1, 400, 20, 21_000, 20_900), (1, 420, 0, 22_000, 22_000),
        (2, 300, 120, 900, 880), (2, 410, 10, 1_200, 1_190), (2, 390, 30, 1_100, 1_100),
    ]  # fmt: skip
    days = ["2026-02-10", "2026-02-11", "2026-02-12"] * 2
    head = "RecordDate, " if dated else ""
    run_sql(
        url,
        f"INSERT INTO Performance_Data ({head}MachineID, OperatingTime, Downtime, ActualOutput, GoodUnits)"
        " VALUES "
        + ", ".join(
            f"({repr(day) + ', ' if dated else ''}{', '.join(map(str, row))})"
            for day, row in zip(days, rows, strict=True)
        ),
    )


def steel_factory_logs(url: str) -> None:
    """What its scans found, its blocks and an alert with a time."""
    run_sql(
        url,
        "CREATE TABLE User (UserID INT AUTO_INCREMENT PRIMARY KEY, Username VARCHAR(50))",
        "CREATE TABLE Anomaly_Detection (AnomalyID INT AUTO_INCREMENT PRIMARY KEY, MachineID INT,"
        " AnomalyScore DOUBLE, IsAnomaly BOOLEAN, Timestamp DATETIME)",
        "CREATE TABLE Blockchain_Log (BlockID INT AUTO_INCREMENT PRIMARY KEY, Data TEXT, Hash CHAR(64),"
        " PreviousHash CHAR(64), Timestamp DATETIME)",
        "ALTER TABLE Alerts ADD COLUMN CreatedAt DATETIME",
        "INSERT INTO Anomaly_Detection (MachineID, AnomalyScore, IsAnomaly, Timestamp) VALUES"
        f" (1, -0.31, 1, '{START:%F %T}'), (2, 0.04, 0, '{START + timedelta(minutes=1):%F %T}')",
        "INSERT INTO Blockchain_Log (Data, Hash, PreviousHash, Timestamp) VALUES"
        f" ('scan', 'ab', '00', '{START:%F %T}')",
        "INSERT INTO Alerts (MachineID, AlertMessage, Severity, CreatedAt) VALUES"
        f" (1, 'Too hot', 'High', '{START:%F %T}')",
    )


def steel_factory_documents(url: str) -> None:
    """Scans and their findings."""
    name = url.rpartition("/")[2]
    with pymongo.MongoClient(url) as client:
        client.drop_database(name)
        client[name].anomaly_logs.insert_many(
            [
                {"machine_id": 1 + i % 2, "score": -0.31 + i / 10, "timestamp": START + timedelta(minutes=i)}
                for i in range(5)
            ]
        )
        client[name].scan_sessions.insert_one(
            {
                "start_time": START,
                "end_time": START + timedelta(seconds=9),
                "anomalies_found": 2,
                "status": "done",
            }
        )
        client[name].audit_logs.insert_one(
            {"user": "admin", "action": "INSERT", "affected_table": "Machine", "timestamp": START}
        )


def byte_astra(url: str, *, lathes: int = 3, samples: int = 40) -> None:
    """Sensor data of some lathes every five seconds, jobs, alerts and users, each in its own database."""
    with pymongo.MongoClient(url) as client:
        for name in ("SensorData", "Jobs", "Alerts", "AuthDB"):
            client.drop_database(name)
        for number in range(1, lathes + 1):
            client["SensorData"][f"lathe{number}_sensory_data"].insert_many(
                [sensor_row(number, i) for i in range(samples)]
            )
            client["Jobs"][f"lathe{number}_job_detail"].insert_one(job_row(number))
            client["Alerts"][f"lathe{number}_alerts"].insert_one(
                {"lathe_id": f"lathe-{number}", "job_id": f"JOB_20260212_00{number}",
                 "alert_type": "HIGH_TEMPERATURE", "severity": "critical", "value": 85.5, "threshold": 80,
                 "timestamp": START, "resolved": number == 1}
            )  # fmt: skip
        client["AuthDB"].users.insert_many(
            [
                {"employeeId": "EMP001", "userID": "Sahil", "passwordHash": "x", "userType": "manager"},
                {"employeeId": "EMP003", "userID": "Yash", "passwordHash": "x", "userType": "operator"},
            ]
        )


def job_row(number: int) -> dict[str, Any]:
    """A job as Byte-Astra keeps it; its machine stands in the name of the collection only."""
    return {
        "JobID": f"JOB_20260212_00{number}", "JobType": "turning", "Material": "Mild Steel", "ToolNo": 5,
        "StartTime": START, "EstimatedTime": 30, "Status": "In Progress",
    }  # fmt: skip


def sensor_row(lathe: int, i: int) -> dict[str, Any]:
    return {
        "timestamp": START + timedelta(seconds=5 * i), "rpm": 1200 + lathe, "temperature": 45.5 + i,
        "torque": 22.3, "vibration": 0.8, "power": 150.2, "tool_wear": 0.15, "failure_probability": 0.05,
    }  # fmt: skip


def factoryops(url: str) -> None:
    """Two factories with a device each; the other one's must not come along."""
    fresh(url)
    run_sql(
        url,
        "CREATE TABLE factories (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(255) NOT NULL,"
        " slug VARCHAR(100) NOT NULL UNIQUE, timezone VARCHAR(100) DEFAULT 'UTC')",
        "CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, factory_id INT NOT NULL,"
        " email VARCHAR(255) NOT NULL, role ENUM('super_admin', 'admin') NOT NULL, permissions JSON,"
        " is_active BOOLEAN DEFAULT TRUE)",
        "CREATE TABLE devices (id INT AUTO_INCREMENT PRIMARY KEY, factory_id INT NOT NULL,"
        " device_key VARCHAR(100) NOT NULL, name VARCHAR(255), manufacturer VARCHAR(255), model VARCHAR(255),"
        " region VARCHAR(255), is_active BOOLEAN DEFAULT TRUE, last_seen DATETIME)",
        "CREATE TABLE device_parameters (id INT AUTO_INCREMENT PRIMARY KEY, factory_id INT NOT NULL,"
        " device_id INT NOT NULL, parameter_key VARCHAR(100) NOT NULL, display_name VARCHAR(255),"
        " unit VARCHAR(50), data_type ENUM('float', 'int', 'string') DEFAULT 'float',"
        " is_kpi_selected BOOLEAN DEFAULT TRUE)",
        "INSERT INTO factories (name, slug) VALUES ('Vietnam Precision', 'vpc'), ('Other', 'other')",
        "INSERT INTO users (factory_id, email, role, is_active) VALUES (1, 'lan@vpc.example', 'admin', 1),"
        " (1, 'old@vpc.example', 'admin', 0), (2, 'eve@other.example', 'admin', 1)",
        "INSERT INTO devices (factory_id, device_key, name, manufacturer, model, region) VALUES"
        " (1, 'M01', 'CNC mill 1', 'Mazak', 'VCN-530C', 'Hall 1'), (1, 'C02', 'Press', NULL, NULL, NULL),"
        " (2, 'X99', 'Foreign', NULL, NULL, NULL)",
        "INSERT INTO device_parameters (factory_id, device_id, parameter_key, display_name, unit, data_type,"
        " is_kpi_selected) VALUES (1, 1, 'voltage', 'Voltage', 'V', 'float', 1),"
        " (1, 1, 'parts', 'Parts', 'pcs', 'int', 0), (2, 3, 'voltage', 'Voltage', 'V', 'float', 1)",
        "CREATE TABLE rules (id INT AUTO_INCREMENT PRIMARY KEY, factory_id INT NOT NULL,"
        " name VARCHAR(255) NOT NULL, description TEXT, scope ENUM('device', 'global') DEFAULT 'device',"
        " conditions JSON NOT NULL, cooldown_minutes INT DEFAULT 15, is_active BOOLEAN DEFAULT TRUE,"
        " schedule_type ENUM('always', 'time_window', 'date_range') DEFAULT 'always', schedule_config JSON,"
        " severity ENUM('low', 'medium', 'high', 'critical') DEFAULT 'medium', notification_channels JSON)",
        "CREATE TABLE rule_devices (rule_id INT NOT NULL, device_id INT NOT NULL)",
        "CREATE TABLE alerts (id INT AUTO_INCREMENT PRIMARY KEY, factory_id INT NOT NULL,"
        " rule_id INT NOT NULL,"
        " device_id INT NOT NULL, triggered_at DATETIME NOT NULL, resolved_at DATETIME NULL,"
        " severity VARCHAR(20) NOT NULL, message TEXT, telemetry_snapshot JSON)",
        "INSERT INTO rules (factory_id, name, conditions, cooldown_minutes, schedule_type, schedule_config,"
        " severity, notification_channels) VALUES (1, 'High voltage', "
        '\'{"operator": "AND", "conditions": ['
        '{"parameter": "voltage", "operator": "gt", "threshold": 240}]}\','
        " 30, 'time_window', "
        '\'{"start_time": "06:00", "end_time": "22:00", "days": [1, 2, 3, 4, 5]}\', \'high\','
        ' \'{"email": true, "whatsapp": false, "pager": true}\'),'
        ' (2, \'Foreign\', \'{"parameter": "voltage", "operator": "gt", "threshold": 1}\','
        " 15, 'always', NULL,"
        " 'low', NULL)",
        "INSERT INTO rule_devices VALUES (1, 1), (1, 2), (2, 3)",
        "INSERT INTO alerts (factory_id, rule_id, device_id, triggered_at, resolved_at, severity, message,"
        " telemetry_snapshot) VALUES"
        " (1, 1, 1, '2026-02-12 10:00:00', '2026-02-12 10:20:00', 'high', 'voltage is 245',"
        ' \'{"voltage": 245.5, "timestamp": "2026-02-12T10:00:00Z"}\'),'
        " (1, 1, 2, '2026-02-12 11:00:00', NULL, 'high', 'voltage is 251', NULL),"
        " (2, 2, 3, '2026-02-12 11:00:00', NULL, 'low', 'not ours', NULL)",
    )


def factoryops_telemetry(url: str, *, minutes: int = 30) -> None:
    """Two devices of factory 1 and one of factory 2, one row a minute."""
    lines = []
    for i in range(minutes):
        ns = int((START + timedelta(minutes=i)).timestamp()) * 10**9
        lines += [
            f"telemetry,factory_id=1,device_id=M01 voltage={231.4 + i},current=3.2,power=745.6 {ns}",
            f"telemetry,factory_id=1,device_id=C02 voltage=118.5,current=2.1,power=248.9 {ns}",
            f"telemetry,factory_id=2,device_id=X99 voltage=1.0 {ns}",
        ]
    write_lines(url, lines)


def write_lines(url: str, lines: list[str]) -> None:
    parts = httpx.URL(url.replace("influxdb://", "http://"))
    answer = httpx.post(
        f"http://{parts.host}:{parts.port}/write",
        params={"db": parts.path.strip("/")},
        auth=(parts.username, parts.password),
        content="\n".join(lines),
    )
    answer.raise_for_status()


def productivity(path: Path) -> None:
    """Two stations, two workers and events of one morning."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            CREATE TABLE workers (worker_id TEXT PRIMARY KEY, name TEXT NOT NULL,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
            CREATE TABLE workstations (station_id TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT,
                created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
            CREATE TABLE events (event_id INTEGER PRIMARY KEY AUTOINCREMENT, timestamp TEXT NOT NULL,
                worker_id TEXT NOT NULL, station_id TEXT NOT NULL, event_type TEXT NOT NULL,
                confidence REAL, count INTEGER DEFAULT 0, created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
            INSERT INTO workers (worker_id, name) VALUES ('W1', 'John Smith'), ('W2', 'Ana Diaz');
            INSERT INTO workstations (station_id, name, type) VALUES ('S1', 'Assembly A', 'assembly'),
                ('S2', 'Packing', 'packing');
            """
        )
        connection.executemany(
            "INSERT INTO events (timestamp, worker_id, station_id, event_type, confidence, count)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            [
                ("2026-02-05T08:00:00", "W1", "S1", "working", 0.97, 0),
                ("2026-02-05T08:12:00", "W1", "S1", "product_count", 0.91, 3),
                ("2026-02-05T08:30:00Z", "W2", "S2", "idle", 0.88, 0),
                ("2026-02-05T09:00:00", "W2", "S2", "absent", 0.95, 0),
            ],
        )
    connection.close()
