"""how right each register is

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('census',
    sa.Column('register_name', sa.String(), nullable=False),
    sa.Column('word', sa.String(), nullable=False),
    sa.Column('customers', sa.BigInteger(), nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('register_name', 'word', name=op.f('pk_census'))
    )


def downgrade() -> None:
    op.drop_table('census')
