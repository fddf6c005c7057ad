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
  -- One byte in every sealed value; 0 is the master key.
  key_id int not null check (key_id between 1 and 255),
  wrapped_key bytea,
  created_at timestamptz not null default now(),
  shredded_at timestamptz,
  primary key (tenant_id, subject_id, key_id)
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
-- An expression, so that only the list can use it. With the plain column a prepared update by primary key that was planned while the
-- table was nearly empty takes this index for its tenant alone, and reads every message of the tenant (measured: 10 ms a row).
create index messages_by_time on app.messages ((tenant_id::bigint), at_ms, seq, pointer);

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
-- Two tenants may park the same key; null (nobody's) counts as one tenant.
create unique index parked_webhooks_once on ops.parked_webhooks (source, key, coalesce(tenant_id, 0));
alter table ops.parked_webhooks enable row level security;
alter table ops.parked_webhooks force row level security;
create policy parking on ops.parked_webhooks to wakala_directory using (true) with check (true);

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
    execute format('create policy writer_batch on app.%I to wakala_writer using (array_position((select app.tenants_in_batch()), tenant_id) is not null) with check (tenant_id = any ((select app.tenants_in_batch())::int[]))', t);
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
grant select, insert on app.tenants to wakala_directory;
grant select, insert, update on app.identities, app.subject_keys to wakala_directory;
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

-- The person's one key: the first writer's. A destroyed key stays destroyed. Sorted, so that two callers that meet
-- wait for each other in one direction only.
create function app.ensure_subject_keys(tenants int[], subjects text[], wrapped bytea[])
returns table (tenant_id int, subject_id text, key_id int, wrapped_key bytea) language plpgsql as $$
#variable_conflict use_column
begin
  insert into app.subject_keys (tenant_id, subject_id, key_id, wrapped_key)
    select w.t, w.s, 1, w.k from unnest(tenants, subjects, wrapped) as w (t, s, k) order by w.t, w.s
    on conflict do nothing;
  return query select distinct on (k.tenant_id, k.subject_id) k.tenant_id, k.subject_id, k.key_id, k.wrapped_key
    from unnest(tenants, subjects) as w (t, s) join app.subject_keys k on k.tenant_id = w.t and k.subject_id = w.s
    order by k.tenant_id, k.subject_id, k.key_id desc;
end $$;

create function app.shred_subject(tenant int, subject text) returns void language sql as $$
  update app.subject_keys set wrapped_key = null, shredded_at = now() where tenant_id = tenant and subject_id = subject and wrapped_key is not null;
  delete from app.snapshots where tenant_id = tenant and subject_id = subject;
$$;

-- What is known of these people, in their order. Lookups stay lookups whatever the planner thinks of the tables' sizes: `limit` keeps
-- the subqueries from being turned into joins over everybody.
create function app.known_customers(tenants int[], phones bytea[], users bytea[])
returns table (i bigint, by_phone text, by_user text, key_id int, wrapped_key bytea) language sql stable as $$
  select w.i, p.customer_id, u.customer_id, k.key_id, k.wrapped_key
  from unnest(tenants, phones, users) with ordinality as w (t, phone, user_id, i)
    left join lateral (select d.customer_id from app.identities d where d.tenant_id = w.t and d.kind = 1 and d.value_hash = w.phone limit 1) p on true
    left join lateral (select d.customer_id from app.identities d where d.tenant_id = w.t and d.kind = 2 and d.value_hash = w.user_id limit 1) u on true
    left join lateral (select s.key_id, s.wrapped_key from app.subject_keys s
      where s.tenant_id = w.t and s.subject_id = coalesce(u.customer_id, p.customer_id) order by s.key_id desc limit 1) k on true
$$;

-- Who these senders are, for a whole group, with the keys of the new ones. A user id beats a phone number; an unknown key
-- is attached to the customer that the other key names; strangers who meet are decided by the unique index and the loser
-- reads. Locks are taken as phones, then users, then changed phones, each sorted: no two groups can wait in a circle.
create function app.resolve_customers(tenants int[], phones bytea[], users bytea[], fresh text[], wrapped bytea[])
returns table (i bigint, customer_id text, key_id int, wrapped_key bytea) language plpgsql as $$
#variable_conflict use_column
begin
  insert into app.identities (tenant_id, kind, value_hash, customer_id)
    select distinct on (n.t, n.phone) n.t, 1, n.phone, coalesce(n.known, n.fresh) from (
      select w.*, (select d.customer_id from app.identities d where d.tenant_id = w.t and d.kind = 2 and d.value_hash = w.user_id limit 1) as known
      from unnest(tenants, phones, users, fresh) with ordinality as w (t, phone, user_id, fresh, i)
      where w.phone is not null
    ) n order by n.t, n.phone, n.known is null, n.i
    on conflict do nothing;

  insert into app.identities (tenant_id, kind, value_hash, customer_id)
    select distinct on (n.t, n.user_id) n.t, 2, n.user_id, coalesce(n.known, n.fresh) from (
      select w.*, (select d.customer_id from app.identities d where d.tenant_id = w.t and d.kind = 1 and d.value_hash = w.phone limit 1) as known
      from unnest(tenants, phones, users, fresh) with ordinality as w (t, phone, user_id, fresh, i)
      where w.user_id is not null
    ) n order by n.t, n.user_id, n.i
    on conflict do nothing;

  -- A phone that was somebody else's follows the user id.
  if exists (select 1 from app.known_customers(tenants, phones, users) k where k.by_phone <> k.by_user) then
    perform 1 from app.identities p
      where (p.tenant_id, p.kind, p.value_hash) in (
        select tenants[k.i], 1, phones[k.i] from app.known_customers(tenants, phones, users) k where k.by_phone <> k.by_user)
      order by p.tenant_id, p.value_hash for update of p;
    update app.identities p set customer_id = k.by_user from app.known_customers(tenants, phones, users) k
      where p.tenant_id = tenants[k.i] and p.kind = 1 and p.value_hash = phones[k.i] and p.customer_id <> k.by_user;
  end if;

  -- Only an id that won is anybody's, so only its key is kept.
  insert into app.subject_keys (tenant_id, subject_id, key_id, wrapped_key)
    select tenants[k.i], fresh[k.i], 1, wrapped[k.i] from app.known_customers(tenants, phones, users) k
    where fresh[k.i] in (k.by_phone, k.by_user)
    order by 1, 2 on conflict do nothing;

  return query select k.i, coalesce(k.by_user, k.by_phone), k.key_id, k.wrapped_key from app.known_customers(tenants, phones, users) k;
end $$;

revoke execute on function app.claim_tenant, app.ensure_subject_keys, app.shred_subject, app.known_customers, app.resolve_customers from public;
grant execute on function app.claim_tenant, app.ensure_subject_keys, app.shred_subject, app.known_customers, app.resolve_customers to wakala_directory;

reset role;
