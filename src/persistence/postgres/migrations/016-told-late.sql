-- Notices of changed numbers come in any order. When a number was left, where to and by which notice is remembered, so that one that is
-- told late neither gives its person a number back that they have left since nor makes two of them. `by_user`: the notice named its person
-- by a user id, too.

set local role wakala_owner;

-- All null of what was left before this was written down: that is never taken for later than anything.
alter table app.left_numbers add column told_at timestamptz, add column went_to bytea, add column notice bytea, add column by_user boolean;
grant update on app.left_numbers to wakala_directory;

drop function app.move_customer(int, bytea, bytea, bytea, bytea, bytea, text, bytea);

-- The numbers that were left one after the other, from `first` on, each for the next, with the notices that said so.
create function app.way_on(tenant int, who text, first bytea)
returns table (left_number bytea, went_to bytea, notice bytea) language sql stable as $$
  with recursive way as (
    select l.value_hash, l.went_to, l.notice from app.left_numbers l
      where l.tenant_id = tenant and l.customer_id = who and l.value_hash = first
    union
    select l.value_hash, l.went_to, l.notice from way w
      join app.left_numbers l on l.tenant_id = tenant and l.customer_id = who and l.value_hash = w.went_to
  ) select value_hash, went_to, notice from way
$$;

-- One customer turns out to be another: the numbers from `first` on, and the notices of them, are the other's.
create function app.join_way(tenant int, who text, heir text, first bytea) returns void language plpgsql as $$
declare numbers bytea[];
declare notices bytea[];
begin
  select array_agg(w.left_number) || array_agg(w.went_to), array_agg(w.notice) into numbers, notices from app.way_on(tenant, who, first) w;
  update app.identities d set customer_id = heir
    where d.tenant_id = tenant and d.customer_id = who
      and ((d.kind = 1 and d.value_hash = any (numbers)) or (d.kind = 2 and d.value_hash = any (notices)));
  delete from app.left_numbers l where l.tenant_id = tenant and l.customer_id = heir and l.value_hash = any (numbers);
  update app.left_numbers l set customer_id = heir
    where l.tenant_id = tenant and l.customer_id = who and l.value_hash = any (numbers);
end $$;

-- As before. But whoever left the new number after this was told, as far as is known, is whom this is about: nobody else can have had it
-- for so short a time. They go on from there, and what they left stays left. `told`: when the notice was given, by its own word.
create function app.move_customer(
  tenant int, old_phone bytea, old_user bytea, new_phone bytea, new_user bytea, notice bytea, fresh text, wrapped bytea, told timestamptz)
returns table (customer_id text, key_id int, wrapped_key bytea, phone_moved boolean) language plpgsql as $$
#variable_conflict use_column
declare who text;
declare heir text;
declare went_on text;
declare is_named boolean;
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
      -- WhatsApp tells for seven days; nobody is given a number that was somebody else's within them.
      select l.customer_id, l.by_user into went_on, is_named from app.left_numbers l
        where l.tenant_id = tenant and l.value_hash = new_phone and l.told_at > told and l.told_at < told + interval '7 days'
        order by l.told_at limit 1;
      if went_on is null then
        delete from app.left_numbers l where l.tenant_id = tenant and l.value_hash = new_phone and l.customer_id = heir;
        update app.identities d set customer_id = heir
          where d.tenant_id = tenant and d.kind = 1 and d.value_hash = new_phone and d.customer_id <> heir;
        moved := moved or found;
      -- Who is known by a user id stays who they are.
      elsif went_on <> heir and not is_named then
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

revoke execute on function app.way_on, app.join_way, app.move_customer from public;
grant execute on function app.way_on, app.join_way, app.move_customer to wakala_directory;

reset role;
