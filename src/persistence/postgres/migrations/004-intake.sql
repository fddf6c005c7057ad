-- The intake log: webhook bodies that were acknowledged before anybody worked on them. A row is a chunk of bodies of one lane,
-- sealed under the master key: they are personal data of people and tenants that nobody has looked up yet.

set local role wakala_owner;

create table ops.intake (
  lane smallint not null,
  -- Drawn when the chunk is written, so what comes after an answer has a higher one.
  id bigint generated always as identity,
  messages int not null,
  body bytea not null,
  at timestamptz not null default now(),
  primary key (lane, id)
);
-- Sealed bytes do not get smaller.
alter table ops.intake alter column body set storage external;
-- Rows come and go: looked at by their number, not by their share of a table that is nearly always empty.
alter table ops.intake set (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
alter table ops.intake enable row level security;
alter table ops.intake force row level security;
create policy intake on ops.intake to wakala_directory using (true) with check (true);
grant select, insert, delete on ops.intake to wakala_directory;

reset role;
