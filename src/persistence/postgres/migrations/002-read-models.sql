-- Tenants, people and the rows that actors project. Everything here but tenants, identities and keys can be rebuilt from the journal.

set local role wakala_owner;

-- Reference table: which tenant, on which data shard. Settings live in the tenant's journal and are copied here for reading.
create table app.tenants (
  tenant_id int primary key,
  id uuid not null unique,
  slug text collate "C" not null unique,
  name text not null,
  phone_number_id text collate "C" not null unique,
  shard smallint not null check (shard between 0 and 31),
  status text collate "C" not null,
  version bigint not null default 0,
  settings bytea,
  created_at timestamptz not null default now()
);

create table app.identities (
  tenant_id int not null,
  kind smallint not null check (kind in (1, 2)),
  value_hash bytea not null,
  customer_id text collate "C" not null,
  primary key (tenant_id, kind, value_hash)
);

create table app.subject_keys (
  tenant_id int not null,
  subject_id text collate "C" not null,
  wrapped_key bytea,
  created_at timestamptz not null default now(),
  shredded_at timestamptz,
  primary key (tenant_id, subject_id)
);

create table app.messages (
  tenant_id int not null,
  customer_id text collate "C" not null,
  message_id text collate "C" not null,
  direction text collate "C" not null,
  whatsapp_id text collate "C",
  kind text collate "C" not null,
  status text collate "C" not null,
  at_ms bigint not null,
  seq bigint not null,
  pointer text collate "C" not null,
  primary key (tenant_id, customer_id, message_id)
);
create index messages_by_time on app.messages (tenant_id, at_ms, message_id);

create table app.conversations (
  tenant_id int not null,
  customer_id text collate "C" not null,
  state text collate "C" not null,
  step text collate "C",
  language text collate "C" not null,
  open_order_id text collate "C",
  updated_at_ms bigint not null,
  subject_id text collate "C",
  seq bigint not null,
  personal bytea,
  primary key (tenant_id, customer_id)
);
create index conversations_by_time on app.conversations (tenant_id, updated_at_ms, customer_id);

create table app.orders (
  tenant_id int not null,
  order_id text collate "C" not null,
  code text collate "C" not null,
  customer_id text collate "C" not null,
  status text collate "C" not null,
  total_minor bigint not null,
  currency text collate "C" not null,
  source text collate "C" not null,
  created_at_ms bigint not null,
  updated_at_ms bigint not null,
  version bigint not null,
  subject_id text collate "C",
  body bytea not null,
  personal bytea,
  primary key (tenant_id, order_id)
);
create index orders_by_time on app.orders (tenant_id, created_at_ms, order_id);
create index orders_by_status on app.orders (tenant_id, status, created_at_ms, order_id);
create index orders_by_customer on app.orders (tenant_id, customer_id, created_at_ms, order_id);

create table app.products (
  tenant_id int not null,
  product_id text collate "C" not null,
  name text not null,
  category text not null,
  price_minor bigint not null,
  stock int,
  available boolean not null,
  body bytea not null,
  primary key (tenant_id, product_id)
);

create table ops.parked_webhooks (
  id uuid primary key default gen_random_uuid(),
  source text collate "C" not null,
  reason text collate "C" not null,
  tenant_id int,
  key text collate "C" not null,
  body bytea not null,
  at timestamptz not null default now()
);
create index parked_webhooks_age on ops.parked_webhooks (at);
create unique index parked_webhooks_once on ops.parked_webhooks (source, key);

do $$
declare t text;
begin
  foreach t in array array['tenants', 'identities', 'subject_keys', 'messages', 'conversations', 'orders', 'products'] loop
    execute format('alter table app.%I enable row level security', t);
    execute format('alter table app.%I force row level security', t);
    execute format('create policy tenant_only on app.%I for select to wakala_app using (tenant_id = (select app.tenant()))', t);
    execute format('grant select on app.%I to wakala_app', t);
  end loop;
  foreach t in array array['tenants', 'messages', 'conversations', 'orders', 'products'] loop
    execute format('create policy writer_batch on app.%I to wakala_writer using (tenant_id = any ((select app.tenants_in_batch())::int[])) with check (tenant_id = any ((select app.tenants_in_batch())::int[]))', t);
  end loop;
  -- Routing has to know every tenant and person before it can know for whom a request is: this role sees these three tables and nothing else.
  foreach t in array array['tenants', 'identities', 'subject_keys'] loop
    execute format('create policy routing on app.%I to wakala_directory using (true) with check (true)', t);
  end loop;
end $$;
-- Erasure removes what is sealed with the key.
create policy erasure on app.snapshots for delete to wakala_directory using (true);
create policy erasure_find on app.snapshots for select to wakala_directory using (true);

grant select, insert, update, delete on app.messages, app.conversations, app.orders, app.products to wakala_writer;
grant select, update on app.tenants to wakala_writer;
grant select, insert, update on app.tenants, app.identities, app.subject_keys to wakala_directory;
grant select (tenant_id, subject_id), delete on app.snapshots to wakala_directory;
grant select, insert, delete on ops.parked_webhooks to wakala_directory;

-- The next tenant number, taken under a lock so that numbers stay small and dense. Same slug while provisioning: the same row.
create function app.claim_tenant(new_id uuid, new_slug text, new_name text, new_phone text)
returns table (outcome text, tenant_id int, id uuid, slug text, phone_number_id text, shard smallint, status text) language plpgsql as $$
#variable_conflict use_column
declare found app.tenants;
declare next int;
begin
  perform pg_advisory_xact_lock(7351002);
  select * into found from app.tenants t where t.slug = new_slug;
  if found.tenant_id is not null then
    if found.status = 'provisioning' and found.phone_number_id = new_phone then
      return query select 'claimed', found.tenant_id, found.id, found.slug, found.phone_number_id, found.shard, found.status;
    else
      return query select 'slug_taken', null::int, null::uuid, null::text, null::text, null::smallint, null::text;
    end if;
    return;
  end if;
  if exists (select 1 from app.tenants t where t.phone_number_id = new_phone) then
    return query select 'phone_taken', null::int, null::uuid, null::text, null::text, null::smallint, null::text;
    return;
  end if;
  select coalesce(max(t.tenant_id), 0) + 1 into next from app.tenants t;
  insert into app.tenants (tenant_id, id, slug, name, phone_number_id, shard, status)
    values (next, new_id, new_slug, new_name, new_phone, app.data_shard_of(next), 'provisioning');
  return query select 'claimed', next, new_id, new_slug, new_phone, app.data_shard_of(next), 'provisioning';
end $$;

-- The person's one key: the first writer's. A destroyed key stays destroyed.
create function app.ensure_subject_keys(tenants int[], subjects text[], wrapped bytea[])
returns table (tenant_id int, subject_id text, wrapped_key bytea) language sql as $$
  insert into app.subject_keys (tenant_id, subject_id, wrapped_key)
    select * from unnest(tenants, subjects, wrapped) on conflict do nothing;
  select k.tenant_id, k.subject_id, k.wrapped_key from app.subject_keys k
    join unnest(tenants, subjects) as w (t, s) on k.tenant_id = w.t and k.subject_id = w.s;
$$;

create function app.shred_subject(tenant int, subject text) returns void language sql as $$
  update app.subject_keys set wrapped_key = null, shredded_at = now() where tenant_id = tenant and subject_id = subject and wrapped_key is not null;
  delete from app.snapshots where tenant_id = tenant and subject_id = subject;
$$;

-- Who these senders are. A user id beats a phone number; an unknown key is attached to the customer that the other key
-- names; two strangers who are the same person meet at the unique key, and the later one takes the earlier one's id.
create function app.resolve_customer(tenant int, phone bytea, user_id bytea, fresh text)
returns text language plpgsql as $$
declare by_user text;
declare by_phone text;
declare customer text;
begin
  select customer_id into by_user from app.identities where tenant_id = tenant and kind = 2 and value_hash = user_id;
  select customer_id into by_phone from app.identities where tenant_id = tenant and kind = 1 and value_hash = phone;
  customer := coalesce(by_user, by_phone, fresh);
  if user_id is not null and by_user is null then
    insert into app.identities values (tenant, 2, user_id, customer) on conflict do nothing;
    select customer_id into customer from app.identities where tenant_id = tenant and kind = 2 and value_hash = user_id;
  end if;
  if phone is not null and by_phone is distinct from customer then
    if user_id is not null then
      insert into app.identities values (tenant, 1, phone, customer)
        on conflict (tenant_id, kind, value_hash) do update set customer_id = excluded.customer_id;
    else
      insert into app.identities values (tenant, 1, phone, customer) on conflict do nothing;
      select customer_id into customer from app.identities where tenant_id = tenant and kind = 1 and value_hash = phone;
    end if;
  end if;
  return customer;
end $$;

revoke execute on function app.claim_tenant, app.ensure_subject_keys, app.shred_subject, app.resolve_customer from public;
grant execute on function app.claim_tenant, app.ensure_subject_keys, app.shred_subject, app.resolve_customer to wakala_directory;

reset role;
