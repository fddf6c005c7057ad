-- The drivers of a tenant as their actors project them. Can be rebuilt from the journal.

set local role wakala_owner;

create table app.drivers (
  tenant_id int not null,
  driver_id text collate "C" not null,
  status text collate "C" not null,
  online boolean not null,
  vehicle text collate "C" not null,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  version bigint not null,
  subject_id text collate "C",
  body bytea not null,
  personal bytea,
  primary key (tenant_id, driver_id)
);
create index drivers_by_time on app.drivers (tenant_id, created_at_ms, driver_id);

alter table app.drivers enable row level security;
alter table app.drivers force row level security;
create policy tenant_only on app.drivers for select to wakala_app using (tenant_id = (select app.tenant()));
create policy writer_batch on app.drivers to wakala_writer
  using (array_position((select app.tenants_in_batch()), tenant_id) is not null)
  with check (tenant_id = any ((select app.tenants_in_batch())::int[]));
grant select on app.drivers to wakala_app;
grant select, insert, update, delete on app.drivers to wakala_writer;

reset role;
