"""tombstones of erased people

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('tombstone',
    sa.Column('register_name', sa.String(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('mark', sa.String(), nullable=False),
    sa.Column('erased_at', sa.BigInteger(), nullable=False),
    sa.Column('seen_at', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('register_name', 'hash', name=op.f('pk_tombstone'))
    )
    with op.batch_alter_table('tombstone') as batch_op:
        batch_op.create_index(batch_op.f('ix_tombstone_erased_at'), ['erased_at'], unique=False)


def downgrade() -> None:
    op.drop_table('tombstone')
