"""undoing

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from adapters.store.columns import Instant

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

_IS_MARK = sa.text('about IS NOT NULL')


def upgrade() -> None:
    op.create_table(
        'undo',
        sa.Column('id', sa.BigInteger().with_variant(sa.INTEGER(), 'sqlite'), autoincrement=False, nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('target', sa.Text(), nullable=False),
        sa.Column('by', sa.String(), nullable=False),
        sa.Column('at', Instant(), nullable=False),
        sa.Column('done', sa.Boolean(), nullable=False),
        sa.Column('sealed', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_undo')),
    )
    with op.batch_alter_table('fact') as batch_op:
        batch_op.add_column(sa.Column('about', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('undo', sa.BigInteger(), nullable=True))
        batch_op.create_index(
            batch_op.f('ix_fact_undo'), ['undo'], sqlite_where=_IS_MARK, postgresql_where=_IS_MARK
        )
        batch_op.create_index(
            batch_op.f('ix_fact_undone_event'), ['event'], sqlite_where=_IS_MARK, postgresql_where=_IS_MARK
        )


def downgrade() -> None:
    with op.batch_alter_table('fact') as batch_op:
        batch_op.drop_index(batch_op.f('ix_fact_undone_event'))
        batch_op.drop_index(batch_op.f('ix_fact_undo'))
        batch_op.drop_column('undo')
        batch_op.drop_column('about')
    op.drop_table('undo')
