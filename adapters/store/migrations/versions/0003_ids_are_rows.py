"""on SQLite, an id is the row's own place

Only a column that is called INTEGER is: any other has its values in the row and in an index beside the table, and every
row that is looked for by its id is looked for twice.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

_IDS = (
    ('customer', 'id'),
    ('fact', 'id'),
    ('dead_letter', 'id'),
    ('review', 'id'),
    ('delivery', 'id'),
    ('audit', 'seq'),
    ('reading', 'id'),
)


def upgrade() -> None:
    _make(sa.INTEGER())


def downgrade() -> None:
    _make(sa.BigInteger())


def _make(kind: sa.types.TypeEngine[int]) -> None:
    if op.get_bind().dialect.name != 'sqlite':
        return
    for table, column in _IDS:
        with op.batch_alter_table(table, recreate='always') as batch_op:
            batch_op.alter_column(column, type_=kind, existing_nullable=False, autoincrement=False)
