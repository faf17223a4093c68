"""What refers to a row by its id, in whichever table: asked before it is deleted."""

from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from data.models import Base


def references(session: Session, row: Base) -> dict[str, int]:
    """How many rows of each table name this row in a foreign key? By table name; tables without are left out.

    Every mapped table is asked, so that one that is added later cannot be forgotten.
    """
    own = inspect(type(row)).local_table
    identity = inspect(row).identity
    if identity is None:
        raise ValueError("only a stored row can be referred to")
    (number,) = identity
    found: dict[str, int] = {}
    for mapper in Base.registry.mappers:
        for key in mapper.local_table.foreign_keys:
            if key.column.table is own:
                column = mapper.get_property_by_column(key.parent).class_attribute
                count = session.scalar(select(func.count(column)).where(column == number)) or 0
                name = mapper.class_.__tablename__
                found[name] = found.get(name, 0) + int(count)
    return {name: count for name, count in sorted(found.items()) if count}


def named(session: Session, column: str, key: str) -> dict[str, int]:
    """How many rows of each table have this key in their column of that name (as `machine_key`)?"""
    found = {}
    for mapper in Base.registry.mappers:
        if column in mapper.column_attrs:
            attribute = mapper.column_attrs[column].class_attribute
            count = session.scalar(select(func.count(attribute)).where(attribute == key)) or 0
            found[mapper.class_.__tablename__] = int(count)
    return {name: count for name, count in sorted(found.items()) if count}
