"""guards

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'guard',
        sa.Column('feed', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('day', sa.String(), nullable=False),
        sa.Column('count', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('feed', 'kind', 'day', name=op.f('pk_guard')),
    )
    op.create_table(
        'allowance',
        sa.Column('feed', sa.String(), nullable=False),
        sa.Column('kind', sa.String(), nullable=False),
        sa.Column('left', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('feed', 'kind', name=op.f('pk_allowance')),
    )
    with op.batch_alter_table('feed') as batch_op:
        batch_op.add_column(sa.Column('pause', sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('feed') as batch_op:
        batch_op.drop_column('pause')
    op.drop_table('allowance')
    op.drop_table('guard')
