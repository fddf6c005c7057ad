-- Numbers are given to other people. That a customer has left one is remembered, so that whoever has it next is somebody else, and a
-- late message of the one before does not take it back.

set local role wakala_owner;

create table app.left_numbers (
  tenant_id int not null,
  value_hash bytea not null,
  customer_id text collate "C" not null,
  primary key (tenant_id, value_hash, customer_id)
);
alter table app.left_numbers enable row level security;
alter table app.left_numbers force row level security;
create policy tenant_only on app.left_numbers for select to wakala_app using (tenant_id = (select app.tenant()));
create policy routing on app.left_numbers to wakala_directory using (true) with check (true);
grant select on app.left_numbers to wakala_app;
grant select, insert, delete on app.left_numbers to wakala_directory;

drop function app.known_customers(int[], bytea[], bytea[]);
drop function app.resolve_customers(int[], bytea[], bytea[], text[], bytea[]);

-- As before, and whether the customer of the phone, or of the user id, has left that phone.
create function app.known_customers(tenants int[], phones bytea[], users bytea[])
returns table (i bigint, by_phone text, by_user text, phone_left boolean, user_left boolean, key_id int, wrapped_key bytea) language sql stable as $$
  select w.i, p.customer_id, u.customer_id, coalesce(l.by_phone, false), coalesce(l.by_user, false), k.key_id, k.wrapped_key
  from unnest(tenants, phones, users) with ordinality as w (t, phone, user_id, i)
    left join lateral (select d.customer_id from app.identities d where d.tenant_id = w.t and d.kind = 1 and d.value_hash = w.phone limit 1) p on true
    left join lateral (select d.customer_id from app.identities d where d.tenant_id = w.t and d.kind = 2 and d.value_hash = w.user_id limit 1) u on true
    left join lateral (select bool_or(n.customer_id = p.customer_id) as by_phone, bool_or(n.customer_id = u.customer_id) as by_user
      from app.left_numbers n where n.tenant_id = w.t and n.value_hash = w.phone) l on true
    left join lateral (select s.key_id, s.wrapped_key from app.subject_keys s
      where s.tenant_id = w.t and s.subject_id = coalesce(u.customer_id, p.customer_id) order by s.key_id desc limit 1) k on true
$$;

-- As before, but an unknown user id on a number that its customer has left is a new person, who has the number then; and no number follows
-- a user id whose customer has left it. `phone_moved`: some number of the group went from one customer to another. Beside a move of the
-- same tenant nobody is resolved, so that neither waits for the other's rows in a circle.
create function app.resolve_customers(tenants int[], phones bytea[], users bytea[], fresh text[], wrapped bytea[])
returns table (i bigint, customer_id text, key_id int, wrapped_key bytea, phone_moved boolean) language plpgsql as $$
#variable_conflict use_column
declare moved boolean := false;
begin
  perform pg_advisory_xact_lock_shared(7351006, w.t) from (select distinct unnest(tenants) as t order by 1) w;

  insert into app.identities (tenant_id, kind, value_hash, customer_id)
    select distinct on (n.t, n.phone) n.t, 1, n.phone, coalesce(n.known, n.fresh) from (
      select w.*, (select d.customer_id from app.identities d where d.tenant_id = w.t and d.kind = 2 and d.value_hash = w.user_id limit 1) as known
      from unnest(tenants, phones, users, fresh) with ordinality as w (t, phone, user_id, fresh, i)
      where w.phone is not null
    ) n order by n.t, n.phone, n.known is null, n.i
    on conflict do nothing;

  insert into app.identities (tenant_id, kind, value_hash, customer_id)
    select distinct on (n.t, n.user_id) n.t, 2, n.user_id, coalesce(n.known, n.fresh) from (
      select w.*, (select d.customer_id from app.identities d where d.tenant_id = w.t and d.kind = 1 and d.value_hash = w.phone
        and not exists (select 1 from app.left_numbers l where l.tenant_id = w.t and l.value_hash = w.phone and l.customer_id = d.customer_id)
        limit 1) as known
      from unnest(tenants, phones, users, fresh) with ordinality as w (t, phone, user_id, fresh, i)
      where w.user_id is not null
    ) n order by n.t, n.user_id, n.i
    on conflict do nothing;

  -- A phone that was somebody else's follows the user id.
  if exists (select 1 from app.known_customers(tenants, phones, users) k where k.by_phone <> k.by_user and not k.user_left) then
    perform 1 from app.identities p
      where (p.tenant_id, p.kind, p.value_hash) in (
        select tenants[k.i], 1, phones[k.i] from app.known_customers(tenants, phones, users) k where k.by_phone <> k.by_user and not k.user_left)
      order by p.tenant_id, p.value_hash for update of p;
    update app.identities p set customer_id = k.by_user from app.known_customers(tenants, phones, users) k
      where p.tenant_id = tenants[k.i] and p.kind = 1 and p.value_hash = phones[k.i] and p.customer_id <> k.by_user and not k.user_left;
    moved := found;
  end if;

  -- Only an id that won is anybody's, so only its key is kept.
  insert into app.subject_keys (tenant_id, subject_id, key_id, wrapped_key)
    select tenants[k.i], fresh[k.i], 1, wrapped[k.i] from app.known_customers(tenants, phones, users) k
    where fresh[k.i] in (k.by_phone, k.by_user)
    order by 1, 2 on conflict do nothing;

  return query select k.i, coalesce(k.by_user, k.by_phone), k.key_id, k.wrapped_key, moved from app.known_customers(tenants, phones, users) k;
end $$;

-- One person goes by other keys from now on, said by `notice`: all of it or nothing, and once. Returned is who they were before, whatever
-- has become of the old number since.
create function app.move_customer(
  tenant int, old_phone bytea, old_user bytea, new_phone bytea, new_user bytea, notice bytea, fresh text, wrapped bytea)
returns table (customer_id text, key_id int, wrapped_key bytea, phone_moved boolean) language plpgsql as $$
#variable_conflict use_column
declare who text;
declare heir text;
declare moved boolean := false;
begin
  perform pg_advisory_xact_lock(7351006, tenant);
  select d.customer_id into who from app.identities d where d.tenant_id = tenant and d.kind = 2 and d.value_hash = notice;
  if who is null then
    -- Whoever left the old number and has the new one is told of again, under another name.
    select d.customer_id into who from app.identities d
      join app.left_numbers l on l.tenant_id = d.tenant_id and l.value_hash = old_phone and l.customer_id = d.customer_id
      where d.tenant_id = tenant and d.kind = 1 and d.value_hash = new_phone
        and not exists (select 1 from app.identities u where u.tenant_id = tenant and u.kind = 2 and u.value_hash = old_user);
    if who is null then
      -- Without a user id the notice stands for one: on a number that was left before, it is of somebody new.
      select r.customer_id, r.phone_moved into who, moved
        from app.resolve_customers(array[tenant], array[old_phone], array[coalesce(old_user, notice)], array[fresh], array[wrapped]) r;
    end if;
    insert into app.identities (tenant_id, kind, value_hash, customer_id)
      select distinct tenant, 2, u, who from unnest(array[notice, old_user, new_user]) u where u is not null
      order by 3 on conflict do nothing;
    -- Whoever wrote under the new user id before this was told is somebody already.
    select coalesce((select d.customer_id from app.identities d where d.tenant_id = tenant and d.kind = 2 and d.value_hash = new_user), who)
      into heir;
    if new_phone <> old_phone or (new_phone is not null and old_phone is null) then
      delete from app.left_numbers l where l.tenant_id = tenant and l.value_hash = new_phone and l.customer_id = heir;
      update app.identities d set customer_id = heir
        where d.tenant_id = tenant and d.kind = 1 and d.value_hash = new_phone and d.customer_id <> heir;
      moved := moved or found;
      insert into app.identities (tenant_id, kind, value_hash, customer_id) values (tenant, 1, new_phone, heir) on conflict do nothing;
      insert into app.left_numbers (tenant_id, value_hash, customer_id)
        select tenant, old_phone, who where old_phone is not null on conflict do nothing;
    else
      update app.identities d set customer_id = heir
        where d.tenant_id = tenant and d.kind = 1 and d.value_hash = old_phone and d.customer_id = who and who <> heir;
      moved := moved or found;
    end if;
  end if;
  return query select who, s.key_id, s.wrapped_key, moved from (select 1) one
    left join lateral (select k.key_id, k.wrapped_key from app.subject_keys k
      where k.tenant_id = tenant and k.subject_id = who order by k.key_id desc limit 1) s on true;
end $$;

revoke execute on function app.known_customers, app.resolve_customers, app.move_customer from public;
grant execute on function app.known_customers, app.resolve_customers, app.move_customer to wakala_directory;

reset role;
