-- A promise may wait for hours, and the checkpoint of its shard with it: beside it stands up to where all but a few are settled, and
-- who those are, so that a restart reads again only them and what is above.

set local role wakala_owner;

-- 0 and null: nothing was passed beyond `pos`. Tenant, entity type and entity id of each who waits, packed.
alter table app.relay_offset add column passed_pos bigint not null default 0, add column passed_except bytea;

reset role;
