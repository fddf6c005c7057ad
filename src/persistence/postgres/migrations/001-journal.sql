-- The journal and what agrees with it. Plain PostgreSQL 14 or later, Citus-ready: tenant_id int leads every key.
-- `shard` is the actor shard (0-1023); the data shard of a tenant is shard / 32.

create schema app authorization wakala_owner;
create schema ops authorization wakala_owner;
set local role wakala_owner;

-- Who the statement may see. nullif: after a transaction the setting is '' and not null.
create function app.tenant() returns int stable parallel safe language sql
  as $$ select nullif(current_setting('app.tenant_id', true), '')::int $$;
create function app.tenants_in_batch() returns int[] stable parallel safe language sql
  as $$ select coalesce(nullif(current_setting('app.tenant_ids', true), ''), '{}')::int[] $$;
create function app.shards_in_scope() returns smallint[] stable parallel safe language sql
  as $$ select coalesce(nullif(current_setting('app.shards', true), ''), '{}')::smallint[] $$;
-- The bucket that Citus would choose with its default of 32 shards.
create function app.data_shard_of(tenant_id int) returns smallint immutable parallel safe language sql
  as $$ select ((hashint4(tenant_id)::bigint + 2147483648) >> 27)::smallint $$;

create table app.journal (
  tenant_id int not null,
  entity_type smallint not null,
  entity_id text collate "C" not null,
  seq bigint not null,
  shard smallint not null,
  pos bigint not null,
  epoch bigint not null,
  event_type text collate "C" not null,
  event_ver smallint not null,
  at_ms bigint not null,
  subject_id text collate "C",
  data bytea,
  -- Sealed under the subject's key, and so are the promised effects of a row with a subject: they carry texts and addresses.
  personal bytea,
  effects bytea,
  meta bytea,
  primary key (tenant_id, entity_type, entity_id, seq)
);
create index journal_tail on app.journal (shard, pos);

create table app.snapshots (
  tenant_id int not null,
  entity_type smallint not null,
  entity_id text collate "C" not null,
  seq bigint not null,
  state_ver smallint not null,
  subject_id text collate "C",
  at timestamptz not null default now(),
  body bytea not null,
  primary key (tenant_id, entity_type, entity_id)
);

create table app.processed_commands (
  tenant_id int not null,
  command_id text collate "C" not null,
  entity_type smallint not null,
  entity_id text collate "C" not null,
  fingerprint text collate "C",
  reply bytea,
  at timestamptz not null default now(),
  primary key (tenant_id, command_id)
);
create index processed_commands_age on app.processed_commands using brin (at);

create table app.timers (
  tenant_id int not null,
  entity_type smallint not null,
  entity_id text collate "C" not null,
  name text collate "C" not null,
  shard smallint not null,
  due_at_ms bigint not null,
  command bytea not null,
  primary key (tenant_id, entity_type, entity_id, name)
);
create index timers_due on app.timers (shard, due_at_ms);

-- Ownership of shards: decided here and nowhere else. Local to the coordinator.
create table app.shard_lease (
  shard smallint primary key check (shard between 0 and 1023),
  epoch bigint not null,
  owner text not null
);
insert into app.shard_lease select shard, 0, '' from generate_series(0, 1023) as shard;

create table app.relay_offset (
  consumer text collate "C" not null,
  shard smallint not null,
  pos bigint not null,
  epoch bigint not null,
  primary key (consumer, shard)
);

create table ops.dead_letters (
  id uuid primary key default gen_random_uuid(),
  tenant_id int,
  entity_key text collate "C",
  reason text collate "C" not null,
  tries int not null,
  body bytea not null,
  at_ms bigint not null
);
create index dead_letters_age on ops.dead_letters (at_ms);

-- The fence: a batch holds the locks of its data shards until it ends, so a new owner waits for a batch that may still commit, and a
-- batch that comes later reads the new epochs. Locks in memory and not on the rows: those would be written for every shard of a batch.
create function app.lock_data_shards(shards smallint[], exclusively boolean) returns void language plpgsql as $$
declare data_shard int;
begin
  -- In one order, so that no two can wait for each other.
  for data_shard in select distinct s / 32 from unnest(shards) as s order by 1 loop
    if exclusively then perform pg_advisory_xact_lock(7351004, data_shard);
    else perform pg_advisory_xact_lock_shared(7351004, data_shard);
    end if;
  end loop;
end $$;

-- Part of every batch.
create function app.check_fence(shards smallint[], epochs bigint[]) returns void language plpgsql as $$
declare held int;
begin
  perform app.lock_data_shards(shards, false);
  select count(*) into held from app.shard_lease l
    join unnest(shards, epochs) as b (shard, epoch) on b.shard = l.shard and b.epoch = l.epoch;
  if held <> cardinality(shards) then
    raise exception 'another owner holds a shard of this batch' using errcode = 'WK001';
  end if;
end $$;

create function app.claim_shards(shards smallint[], new_owner text) returns table (shard smallint, epoch bigint) language plpgsql as $$
#variable_conflict use_column
begin
  perform app.lock_data_shards(shards, true);
  return query update app.shard_lease l set epoch = l.epoch + 1, owner = new_owner where l.shard = any (shards) returning l.shard, l.epoch;
end $$;

alter table app.journal enable row level security;
alter table app.journal force row level security;
alter table app.snapshots enable row level security;
alter table app.snapshots force row level security;
alter table app.processed_commands enable row level security;
alter table app.processed_commands force row level security;
alter table app.timers enable row level security;
alter table app.timers force row level security;

-- The sub-select runs once a statement; without it the function is called for every row. array_position and not = any:
-- an indexable condition makes the planner think that it reads ten tenants, and it then prefers a shorter, wrong index.
create policy writer_batch on app.journal for insert to wakala_writer
  with check (tenant_id = any ((select app.tenants_in_batch())::int[]));
create policy writer_batch on app.processed_commands for insert to wakala_writer
  with check (tenant_id = any ((select app.tenants_in_batch())::int[]));
create policy writer_batch on app.timers to wakala_writer
  using (array_position((select app.tenants_in_batch()), tenant_id) is not null)
  with check (tenant_id = any ((select app.tenants_in_batch())::int[]));

create policy reader_batch on app.journal for select to wakala_reader
  using (array_position((select app.tenants_in_batch()), tenant_id) is not null);
create policy reader_batch on app.processed_commands for select to wakala_reader
  using (array_position((select app.tenants_in_batch()), tenant_id) is not null);
create policy reader_batch on app.snapshots to wakala_reader
  using (array_position((select app.tenants_in_batch()), tenant_id) is not null)
  with check (tenant_id = any ((select app.tenants_in_batch())::int[]));

create policy tenant_only on app.journal for select to wakala_app using (tenant_id = (select app.tenant()));
create policy tenant_only on app.snapshots for select to wakala_app using (tenant_id = (select app.tenant()));
create policy tenant_only on app.processed_commands for select to wakala_app using (tenant_id = (select app.tenant()));
create policy tenant_only on app.timers for select to wakala_app using (tenant_id = (select app.tenant()));

create policy by_shard on app.journal for select to wakala_relay using (shard = any ((select app.shards_in_scope())::smallint[]));
create policy by_shard on app.timers for select to wakala_relay using (shard = any ((select app.shards_in_scope())::smallint[]));

grant usage on schema app to wakala_writer, wakala_reader, wakala_app, wakala_relay, wakala_directory;
grant usage on schema ops to wakala_writer, wakala_relay, wakala_directory;
grant insert on app.journal, app.processed_commands to wakala_writer;
grant select, insert, update, delete on app.timers to wakala_writer;
grant select on app.shard_lease to wakala_writer;
grant select on app.journal, app.processed_commands to wakala_reader;
grant select, insert, update on app.snapshots to wakala_reader;
grant select on app.journal, app.snapshots, app.processed_commands, app.timers to wakala_app;
grant select on app.journal, app.timers, app.shard_lease to wakala_relay;
grant select, insert, update on app.relay_offset to wakala_relay;
grant select, insert, delete on ops.dead_letters to wakala_relay;
revoke execute on all functions in schema app from public;
grant execute on all functions in schema app to wakala_writer, wakala_reader, wakala_app, wakala_relay, wakala_directory;

reset role;
