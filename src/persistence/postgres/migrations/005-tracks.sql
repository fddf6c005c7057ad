-- Where drivers were: stretches of some seconds to minutes, partitioned by day, dropped after the retention. Not in the journal: a
-- position is no decision, and it must be possible to forget it.

set local role wakala_owner;

create table app.driver_tracks (
  tenant_id int not null,
  driver_id text collate "C" not null,
  -- Of the first and the last fix, unix milliseconds. A stretch lies within one UTC day.
  from_ms bigint not null,
  to_ms bigint not null,
  fixes bytea not null,
  primary key (tenant_id, driver_id, from_ms)
) partition by range (from_ms);

alter table app.driver_tracks enable row level security;
alter table app.driver_tracks force row level security;
create policy tenant_only on app.driver_tracks for select to wakala_app using (tenant_id = (select app.tenant()));
create policy writer_batch on app.driver_tracks for insert to wakala_writer
  with check (tenant_id = any ((select app.tenants_in_batch())::int[]));
grant select on app.driver_tracks to wakala_app;
grant insert on app.driver_tracks to wakala_writer;

-- Makes the partitions of these days (since 1970) where they are missing, and says which exist. A day far from now is nobody's: it is
-- not made. Attached and not created as a partition, because that would lock out readers and writers. Nobody is granted anything on a
-- partition itself, and no policy there lets anybody in.
create function app.ensure_track_days(days int[]) returns int[] language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  today int := floor(extract(epoch from clock_timestamp()) / 86400);
  day int;
  part text;
  found int[] := '{}';
begin
  foreach day in array days loop
    part := 'driver_tracks_' || day;
    if to_regclass(format('app.%I', part)) is null then
      continue when day not between today - 8 and today + 8;
      -- One at a time: whoever had the lock has committed the day whole. The name may still be remembered as missing, because only locks
      -- of relations make a session hear of others' tables; so it is the creation that finds out.
      perform pg_advisory_xact_lock(7351005);
      begin
        execute format('create table app.%I (like app.driver_tracks including all)', part);
        execute format('alter table app.%I enable row level security', part);
        execute format('alter table app.%I force row level security', part);
        execute format('alter table app.driver_tracks attach partition app.%I for values from (%s) to (%s)',
          part, day::bigint * 86400000, (day::bigint + 1) * 86400000);
      exception when duplicate_table then null;
      end;
    end if;
    found := found || day;
  end loop;
  return found;
end $$;

-- Forgets whole days before the given one. @returns how many.
create function app.drop_track_days(before_day int) returns int language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  part text;
  dropped int := 0;
begin
  perform pg_advisory_xact_lock(7351005);
  for part in
    select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'app.driver_tracks'::regclass and substring(c.relname from '^driver_tracks_(\d+)$')::int < before_day
    order by 1
  loop
    execute format('drop table app.%I', part);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;

revoke execute on function app.ensure_track_days, app.drop_track_days from public;
grant execute on function app.ensure_track_days, app.drop_track_days to wakala_writer;

reset role;
