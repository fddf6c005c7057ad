-- A notice is about whoever had the number when it was given, not about whoever has it when it is told. When a notice gives a number to
-- somebody, who had it before is remembered, so that one given before and told after is neither theirs nor takes the number back.
-- `had_before`: null when it was nobody's as far as is known. Rows are of no use once WhatsApp tells nothing older (seven days).

set local role wakala_owner;

create table app.taken_numbers (
  tenant_id int not null,
  value_hash bytea not null,
  told_at timestamptz not null,
  had_before text collate "C",
  primary key (tenant_id, value_hash, told_at)
);
alter table app.taken_numbers enable row level security;
alter table app.taken_numbers force row level security;
create policy tenant_only on app.taken_numbers for select to wakala_app using (tenant_id = (select app.tenant()));
create policy routing on app.taken_numbers to wakala_directory using (true) with check (true);
grant select on app.taken_numbers to wakala_app;
grant select, insert, update, delete on app.taken_numbers to wakala_directory;

-- The first time after `told` that a number was given to somebody, as long as a notice of before may still be told.
create function app.taken_after(tenant int, number bytea, told timestamptz)
returns table (told_at timestamptz, had_before text) language sql stable as $$
  select t.told_at, t.had_before from app.taken_numbers t
    where t.tenant_id = tenant and t.value_hash = number and t.told_at > told and t.told_at < told + interval '7 days'
    order by t.told_at limit 1
$$;

-- Whoever left a number first after `told`: who came to it then, because nobody is given a number that was somebody else's within the seven
-- days in which WhatsApp tells. Nobody when it was given to somebody, by a notice, before that.
create function app.left_after(tenant int, number bytea, told timestamptz)
returns table (customer_id text, by_user boolean) language sql stable as $$
  select l.customer_id, l.by_user from app.left_numbers l
    where l.tenant_id = tenant and l.value_hash = number and l.told_at > told and l.told_at < told + interval '7 days'
      and not exists (select 1 from app.taken_after(tenant, number, told) t where t.told_at < l.told_at)
    order by l.told_at limit 1
$$;

-- Whom a notice is about that is told for the first time. Created when nobody knows them.
create function app.mover(
  tenant int, old_phone bytea, old_user bytea, new_phone bytea, notice bytea, fresh text, wrapped bytea, told timestamptz)
returns table (customer_id text, phone_moved boolean) language plpgsql as $$
#variable_conflict use_column
declare who text;
declare owner_then text;
begin
  -- Whoever left the old number and has the new one is told of again, under another name, unless somebody was given it in between.
  select d.customer_id into who from app.identities d
    join app.left_numbers l on l.tenant_id = d.tenant_id and l.value_hash = old_phone and l.customer_id = d.customer_id
    where d.tenant_id = tenant and d.kind = 1 and d.value_hash = new_phone
      and not exists (select 1 from app.identities u where u.tenant_id = tenant and u.kind = 2 and u.value_hash = old_user)
      and not exists (select 1 from app.taken_after(tenant, old_phone, l.told_at) t where t.told_at <= told);
  if who is not null then
    return query select who, false;
    return;
  end if;
  select t.had_before into owner_then from app.taken_after(tenant, old_phone, told) t;
  if not found then
    -- Without a user id the notice stands for one: on a number that was left before, it is of somebody new.
    return query select r.customer_id, r.phone_moved
      from app.resolve_customers(array[tenant], array[old_phone], array[coalesce(old_user, notice)], array[fresh], array[wrapped]) r;
    return;
  end if;
  -- Somebody has had the old number since: it says nothing here. A known user id says who it is, before who had the number then.
  select coalesce((select d.customer_id from app.identities d where d.tenant_id = tenant and d.kind = 2 and d.value_hash = old_user), owner_then)
    into who;
  -- Nobody knew them: then they are who went on from the new number, when that has no other name.
  if who is null and old_user is null then
    select l.customer_id into who from app.left_after(tenant, new_phone, told) l where not l.by_user;
  end if;
  if who is not null then
    return query select who, false;
    return;
  end if;
  return query select r.customer_id, r.phone_moved
    from app.resolve_customers(array[tenant], array[null::bytea], array[coalesce(old_user, notice)], array[fresh], array[wrapped]) r;
end $$;

-- As before. But it is about whoever had the old number when it was given, and a number that was given to somebody later stays theirs.
create or replace function app.move_customer(
  tenant int, old_phone bytea, old_user bytea, new_phone bytea, new_user bytea, notice bytea, fresh text, wrapped bytea, told timestamptz)
returns table (customer_id text, key_id int, wrapped_key bytea, phone_moved boolean) language plpgsql as $$
#variable_conflict use_column
declare who text;
declare heir text;
declare went_on text;
declare is_named boolean;
declare taken_at timestamptz;
declare had_before text;
declare moved boolean := false;
begin
  perform pg_advisory_xact_lock(7351006, tenant);
  select d.customer_id into who from app.identities d where d.tenant_id = tenant and d.kind = 2 and d.value_hash = notice;
  if who is null then
    select m.customer_id, m.phone_moved into who, moved
      from app.mover(tenant, old_phone, old_user, new_phone, notice, fresh, wrapped, told) m;
    insert into app.identities (tenant_id, kind, value_hash, customer_id)
      select distinct tenant, 2, u, who from unnest(array[notice, old_user, new_user]) u where u is not null
      order by 3 on conflict do nothing;
    -- Whoever wrote under the new user id before this was told is somebody already.
    select coalesce((select d.customer_id from app.identities d where d.tenant_id = tenant and d.kind = 2 and d.value_hash = new_user), who)
      into heir;
    if new_phone <> old_phone or (new_phone is not null and old_phone is null) then
      select l.customer_id, l.by_user into went_on, is_named from app.left_after(tenant, new_phone, told) l;
      select t.told_at, t.had_before into taken_at, had_before from app.taken_after(tenant, new_phone, told) t;
      if taken_at is not null then
        -- Whoever has it since was told before this: they are whom it was taken from.
        update app.taken_numbers t set had_before = heir where t.tenant_id = tenant and t.value_hash = new_phone and t.told_at = taken_at;
      elsif went_on is null then
        -- Whoever is still found by a number that they had left is not who had it last.
        select d.customer_id into had_before from app.identities d
          where d.tenant_id = tenant and d.kind = 1 and d.value_hash = new_phone and (d.customer_id = heir or not exists (
            select 1 from app.left_numbers l where l.tenant_id = tenant and l.value_hash = new_phone and l.customer_id = d.customer_id));
        delete from app.left_numbers l where l.tenant_id = tenant and l.value_hash = new_phone and l.customer_id = heir;
        update app.identities d set customer_id = heir
          where d.tenant_id = tenant and d.kind = 1 and d.value_hash = new_phone and d.customer_id <> heir;
        moved := moved or found;
      end if;
      if had_before is distinct from heir then
        delete from app.taken_numbers t where t.tenant_id = tenant and t.told_at < told - interval '7 days';
        insert into app.taken_numbers (tenant_id, value_hash, told_at, had_before) values (tenant, new_phone, told, had_before)
          on conflict do nothing;
      end if;
      -- Who is known by a user id stays who they are.
      if went_on <> heir and not is_named then
        perform app.join_way(tenant, went_on, heir, new_phone);
        moved := true;
      end if;
      insert into app.identities (tenant_id, kind, value_hash, customer_id) values (tenant, 1, new_phone, heir) on conflict do nothing;
      -- Not of a number to which they have returned since.
      insert into app.left_numbers (tenant_id, value_hash, customer_id, told_at, went_to, notice, by_user)
        select tenant, old_phone, who, told, new_phone, notice, coalesce(old_user, new_user) is not null where old_phone is not null
          and not exists (select 1 from app.way_on(tenant, heir, new_phone) w where went_on is not null and w.went_to = old_phone)
        on conflict do nothing;
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

revoke execute on function app.taken_after, app.left_after, app.mover from public;
grant execute on function app.taken_after, app.left_after, app.mover to wakala_directory;

reset role;
