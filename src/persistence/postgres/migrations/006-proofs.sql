-- What proves deliveries: pictures, signatures, notes. Not in the journal, which is read whole: that knows of each piece by its hash.

set local role wakala_owner;

create table app.delivery_proofs (
  tenant_id int not null,
  order_id text collate "C" not null,
  -- Keyed, over the content.
  hash bytea not null,
  subject_id text collate "C" not null,
  stored_at_ms bigint not null,
  -- Under the customer's key.
  sealed bytea not null,
  primary key (tenant_id, order_id, hash)
);
-- Sealed bytes do not become smaller.
alter table app.delivery_proofs alter column sealed set storage external;

alter table app.delivery_proofs enable row level security;
alter table app.delivery_proofs force row level security;
create policy tenant_only on app.delivery_proofs for select to wakala_app using (tenant_id = (select app.tenant()));
create policy writer_batch on app.delivery_proofs for insert to wakala_writer
  with check (tenant_id = any ((select app.tenants_in_batch())::int[]));
grant select on app.delivery_proofs to wakala_app;
grant insert on app.delivery_proofs to wakala_writer;

reset role;
