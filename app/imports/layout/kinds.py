"""What can be imported: the kinds of files, their fields, and the titles that name each field."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.imports.layout.titles import plain


class Kind(StrEnum):
    """The kinds in the order in which a folder is loaded: what others refer to comes first."""

    MACHINES = "machines"
    PARAMETERS = "parameters"
    PRODUCTS = "products"
    REASONS = "reasons"
    RECORDS = "performance_records"
    DOWNTIME = "downtime"
    STATES = "state_events"
    COUNTS = "counts"
    TELEMETRY = "telemetry"
    WORKERS = "workers"
    ACTIVITY = "activity_events"
    RULES = "rules"
    ALERTS = "alerts"
    PRODUCTION_JOBS = "production_jobs"
    DOCUMENTS = "documents"
    PEOPLE = "people"


KIND_LABELS: Final[dict[Kind, str]] = {
    Kind.MACHINES: "Machines",
    Kind.PARAMETERS: "Parameters of machines",
    Kind.PRODUCTS: "Products and ideal cycles",
    Kind.REASONS: "Reasons of stops",
    Kind.RECORDS: "Shift or batch records",
    Kind.DOWNTIME: "Downtime by reason and batch",
    Kind.STATES: "State events",
    Kind.COUNTS: "Production counts",
    Kind.TELEMETRY: "Telemetry",
    Kind.WORKERS: "Workers seen by cameras",
    Kind.ACTIVITY: "Activity events of cameras",
    Kind.RULES: "Rules of another system",
    Kind.ALERTS: "Alerts of another system",
    Kind.PRODUCTION_JOBS: "Production jobs",
    Kind.DOCUMENTS: "Documents",
    Kind.PEOPLE: "People to invite",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `aliases` are titles in plain form, the surest first.

    `timed` fields are durations and need a unit. `default_units` gives the unit that an alias implies.
    """

    name: str
    label: str
    aliases: tuple[str, ...]
    required: bool = False
    timed: bool = False
    default_units: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """The fields of a kind, and the sets of fields of which one must be found to recognise the kind."""

    fields: tuple[Field, ...]
    hallmarks: tuple[frozenset[str], ...]
    wide: str = ""

    def field(self, name: str) -> Field | None:
        """The field of a name."""
        return next((field for field in self.fields if field.name == name), None)


def _field(name: str, label: str, aliases: str, **more: bool) -> Field:
    names = tuple(plain(alias) for alias in aliases.split(","))
    return Field(name, label, names, required=more.get("required", False), timed=more.get("timed", False))


def _marks(*groups: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(group.split()) for group in groups)


_MACHINE_WORDS: Final = (
    "machine,machine key,machine id,device key,device,device id,equipment,equipment id,asset,asset id,"
    "work unit,station,machine code"
)
_MACHINE: Final = _field("machine", "Machine", _MACHINE_WORDS, required=True)
_PRODUCT: Final = _field(
    "product",
    "Product",
    "product,product key,product id,product code,sku,item,article,part number,part,material",
)
_CYCLE: Final = Field(
    "ideal_cycle",
    "Ideal cycle time per unit",
    ("ideal cycle", "ideal cycle time", "min batch time", "minimum batch time", "cycle time",
     "ideal cycle s", "target cycle", "standard time"),
    timed=True,
    default_units=(("min batch time", "min"), ("minimum batch time", "min")),
)  # fmt: skip
_START: Final = _field(
    "start", "Start", "start,start time,started,begin,from,start at,started at,start datetime,timestamp,time,"
    "date time,datetime,event time", required=True,
)  # fmt: skip
_END: Final = _field(
    "end", "End", "end,end time,ended,finish,to,until,stop time,end at,ended at,end datetime"
)

SHAPES: Final[dict[Kind, Shape]] = {
    Kind.MACHINES: Shape(
        (
            _field("device_key", "Key", _MACHINE_WORDS + ",key,id,code", required=True),
            _field("name", "Name", "name,machine name,device name,description,display name"),
            _field("line", "Line", "line,line key,production line,line name"),
            _field("type", "Type", "type,machine type,device type,category,kind"),
            _field("manufacturer", "Manufacturer", "manufacturer,maker,vendor,brand"),
            _field("model", "Model", "model,machine model"),
            _field("location", "Location", "location,place,area,hall"),
            _CYCLE,
            _field("importance", "Importance (1 to 5)", "importance,criticality,priority"),
        ),
        _marks("device_key name", "device_key type", "device_key manufacturer", "device_key line"),
    ),
    Kind.PARAMETERS: Shape(
        (
            _MACHINE,
            _field("parameter", "Parameter", "parameter,parameter key,metric,signal,tag,key", required=True),
            _field("name", "Name", "display name,name,parameter name,title,description"),
            _field("unit", "Unit", "unit,uom,unit of measure"),
            _field("data_type", "Data type", "data type,type,datatype"),
            _field("is_kpi", "Shown as a key figure", "is kpi selected,is kpi,kpi,show on dashboard"),
            _field(
                "low_limit",
                "Low limit",
                "low limit,lower limit,lsl,lower specification limit,low,min,minimum",
            ),
            _field(
                "high_limit",
                "High limit",
                "high limit,upper limit,usl,upper specification limit,high,max,maximum",
            ),
        ),
        _marks(
            "machine parameter unit",
            "machine parameter data_type",
            "machine parameter is_kpi",
            "machine parameter low_limit",
            "machine parameter high_limit",
        ),
    ),
    Kind.PRODUCTS: Shape(
        (
            Field("product", "Product", _PRODUCT.aliases, required=True),
            _field("name", "Name", "name,product name,description,title,flavor,flavour"),
            _field("unit", "Unit", "unit,uom,unit of measure"),
            _CYCLE,
            Field("machine", "Machine of the ideal cycle", _MACHINE.aliases),
        ),
        _marks("product name", "product ideal_cycle", "product unit"),
    ),
    Kind.REASONS: Shape(
        (
            _field(
                "code",
                "Code",
                "code,reason code,factor,factor id,reason id,downtime factor,reason,id",
                required=True,
            ),
            _field(
                "name",
                "Name",
                "name,description,reason name,factor name,reason description,text",
                required=True,
            ),
            _field("category", "Category", "category,type,group,reason category"),
            _field("operator_error", "Operator error", "operator error,human error,is operator error"),
        ),
        _marks("code name operator_error", "code name category", "code name"),
    ),
    Kind.RECORDS: Shape(
        (
            _MACHINE,
            Field("start", "Start", _START.aliases),
            _END,
            _field("date", "Date", "date,day,production date,shift date,work date"),
            _field("start_time", "Start time of day", "start time,start,from,begin"),
            _field("end_time", "End time of day", "end time,end,to,until,finish"),
            _field("shift", "Shift", "shift,shift key,shift name"),
            _field(
                "planned",
                "Planned time",
                "planned,planned time,planned production time,scheduled time,available time",
                timed=True,
            ),
            _field(
                "operating",
                "Operating time",
                "operating,operating time,run time,runtime,running time,production time",
                timed=True,
            ),
            _field(
                "downtime", "Downtime", "downtime,down time,stop time,stoppage,total downtime", timed=True
            ),
            _field(
                "output",
                "Output",
                "output,actual output,total output,produced,"
                "total,total units,quantity,total count,"
                "units produced",
            ),
            _field("good", "Good units", "good,good units,good count,good output,ok,good parts"),
            _PRODUCT,
            _field("batch", "Batch", "batch,batch id,batch number,lot,order,work order"),
            _field("operator", "Operator", "operator,worker,operator name,shift leader"),
            _field("note", "Note", "note,notes,comment,comments,remark,remarks"),
        ),
        _marks(
            "date shift",
            "date start_time end_time",
            "start end batch",
            "start end planned",
            "start end downtime",
            "start end operating",
            "start end output good",
            "date batch",
        ),
    ),
    Kind.DOWNTIME: Shape(
        (
            _field("batch", "Batch", "batch,batch id,batch number,lot,order,work order", required=True),
            Field("machine", "Machine", _MACHINE.aliases),
        ),
        _marks("batch"),
        wide="Minutes per reason",
    ),
    Kind.STATES: Shape(
        (
            _MACHINE,
            _START,
            _END,
            _field(
                "state",
                "State",
                "state,status,machine state,machine status,mode,packml state,packml,state number",
                required=True,
            ),
            _field("reason", "Reason", "reason,reason code,cause,stop reason,downtime reason,reason name"),
        ),
        _marks("start state"),
    ),
    Kind.COUNTS: Shape(
        (
            _MACHINE,
            _START,
            _END,
            _field("duration", "Length of an interval", "duration,interval,length", timed=True),
            _field("good", "Good units", "good,good units,good count,good output,ok,good parts"),
            _field(
                "total",
                "Total units",
                "total,total count,count,quantity,qty,total units,produced,pieces,output",
            ),
            _field("scrap", "Scrap", "scrap,rejects,reject,bad,defects,defective,nok,scrap count,rejected"),
            _field("rework", "Rework", "rework,reworked,rework count"),
            _field("startup_scrap", "Start-up scrap", "startup scrap,start up scrap,startup rejects"),
            _PRODUCT,
        ),
        _marks("start good", "start total"),
    ),
    Kind.TELEMETRY: Shape(
        (
            _MACHINE,
            _field(
                "time",
                "Time",
                "time,timestamp,time stamp,ts,datetime,date time,date,event time,start",
                required=True,
            ),
            _field(
                "parameter",
                "Parameter",
                "parameter,parameter key,metric,signal,tag,sensor,variable,channel,name",
            ),
            _field("value", "Value", "value,reading,measurement,val"),
        ),
        _marks("time parameter value"),
        wide="One column per parameter",
    ),
    Kind.WORKERS: Shape(
        (
            _field("worker", "Worker", "worker id,worker,worker key,person", required=True),
            _field("name", "Name", "name,worker name,full name"),
        ),
        _marks("worker name"),
    ),
    Kind.ACTIVITY: Shape(
        (
            _field("time", "Time", "timestamp,time,event time,datetime,at", required=True),
            _field("event_type", "Event", "event type,event,activity,type", required=True),
            _field("worker", "Worker", "worker id,worker,worker key,person"),
            _field("workstation", "Workstation", "station id,workstation id,workstation,station"),
            _field("count", "Units", "count,units,product count,quantity"),
            _field("confidence", "Confidence", "confidence,score,probability"),
            _field("model", "Model", "model id,model,model version"),
            _field("event_id", "Event id", "event id,id,uuid"),
        ),
        _marks("time event_type worker", "time event_type workstation"),
    ),
    Kind.RULES: Shape(
        (
            _field("name", "Name", "rule name,rule", required=True),
            _field("conditions", "Conditions as JSON", "conditions,condition tree", required=True),
            _field("description", "Description", "rule description"),
            _field("severity", "Severity", "severity,alarm severity"),
            _field("cooldown", "Cooldown in minutes", "cooldown minutes,cooldown"),
            _field("schedule_type", "Schedule type", "schedule type"),
            _field("schedule", "Schedule as JSON", "schedule config"),
            _field("channels", "Channels as JSON", "notification channels"),
            Field("machine", "Machine", _MACHINE.aliases),
        ),
        _marks("name conditions"),
    ),
    Kind.ALERTS: Shape(
        (
            _MACHINE,
            _field("raised", "Raised", "raised,raised at,triggered at,alert time", required=True),
            _field("cleared", "Cleared", "cleared,cleared at,resolved at"),
            _field("name", "Rule or type", "rule name,alert type,alarm type,rule", required=True),
            _field("severity", "Severity", "severity,alarm severity"),
            _field("message", "Message", "alert message,message,alarm text"),
            _field("resolved", "Is resolved", "resolved,is resolved"),
            _field("value", "Value when raised", "value when raised,alert value"),
            _field("threshold", "Limit", "threshold,alert limit,limit"),
            _field("values", "Values as JSON", "telemetry snapshot,snapshot"),
        ),
        _marks("machine raised name", "machine raised severity"),
    ),
    Kind.PRODUCTION_JOBS: Shape(
        (
            _MACHINE,
            _field("key", "Job", "job id,job,job key,job number", required=True),
            _field("operation", "Operation", "job type,operation,operation type"),
            _field("material", "Material", "material,workpiece material"),
            _field("tool", "Number of the tool", "tool no,tool number,tool,tool id"),
            _field("quantity", "Parts", "quantity,parts,pieces"),
            _field("start", "Start", "start time,start,started at,begin"),
            _field("end", "End", "end time,end,ended at,finish"),
            _field("estimated", "Estimated time", "estimated time,estimate,estimated duration", timed=True),
            _field("state", "State", "status,state,job status"),
        ),
        _marks("key operation tool", "key operation material"),
    ),
    Kind.DOCUMENTS: Shape(
        (
            _field("collection", "Collection", "collection", required=True),
            _field("time", "Time", "timestamp,time,start time,created at,date", required=True),
            _field("key", "Key", "key,id"),
            _field("machine", "Machine", _MACHINE_WORDS),
        ),
        _marks("collection time"),
    ),
    Kind.PEOPLE: Shape(
        (
            _field("email", "E-mail address", "email,e mail,mail,user id,login,username", required=True),
            _field("role", "Role", "role,user type,type"),
            _field("domain", "Mail domain of names without one", "domain"),
        ),
        _marks("email role"),
    ),
}
