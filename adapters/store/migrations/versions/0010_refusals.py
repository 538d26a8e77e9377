"""who is not which customer

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('refusal',
    sa.Column('hash', sa.String(), nullable=False),
    sa.Column('customer_id', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.Column('review_id', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('hash', 'customer_id', name=op.f('pk_refusal'))
    )
    with op.batch_alter_table('refusal') as batch_op:
        batch_op.create_index(batch_op.f('ix_refusal_customer_id'), ['customer_id'], unique=False)


def downgrade() -> None:
    op.drop_table('refusal')
