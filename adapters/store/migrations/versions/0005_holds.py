"""holds, and what they park

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import sqlite

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('hold',
    sa.Column('id', sa.BigInteger().with_variant(sqlite.INTEGER(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('field', sa.String(), nullable=False),
    sa.Column('placed_at', sa.BigInteger(), nullable=False),
    sa.Column('placed_by', sa.String(), nullable=False),
    sa.Column('lifted_at', sa.BigInteger(), nullable=True),
    sa.Column('lifted_by', sa.String(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hold'))
    )
    with op.batch_alter_table('hold') as batch_op:
        batch_op.create_index(batch_op.f('ix_hold_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index('uq_hold_in_force', ['customer_id', 'kind', 'field'], unique=True,
                              sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))

    op.create_table('parked',
    sa.Column('id', sa.BigInteger().with_variant(sqlite.INTEGER(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('feed', sa.String(), nullable=False),
    sa.Column('event', sa.String(), nullable=False),
    sa.Column('notice', sa.String(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), nullable=False),
    sa.Column('parked_at', sa.BigInteger(), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_parked'))
    )
    with op.batch_alter_table('parked') as batch_op:
        batch_op.create_index(batch_op.f('ix_parked_customer_id'), ['customer_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_parked_parked_at'), ['parked_at'], unique=False)
        batch_op.create_index('uq_parked_event', ['feed', 'event'], unique=True)


def downgrade() -> None:
    op.drop_table('parked')
    op.drop_table('hold')
