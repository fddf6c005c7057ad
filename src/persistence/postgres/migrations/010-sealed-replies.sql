-- Answers kept for repeated requests hold names, numbers and addresses: sealed under the key of the person whom their actor is about.

set local role wakala_owner;

-- Whose key sealed the reply; null where nothing in it is personal.
alter table app.processed_commands add column subject_id text collate "C";

-- What was kept in the clear before is forgotten, but for the answers of tenants (kind 1): nobody's key could reach it. Not forced for
-- this one statement: no policy shows the owner anything.
alter table app.processed_commands no force row level security;
update app.processed_commands set reply = null where reply is not null and entity_type <> 1;
alter table app.processed_commands force row level security;

-- Like parked webhooks and the intake log: whoever is granted something here by mistake still sees nothing.
alter table ops.dead_letters enable row level security;
alter table ops.dead_letters force row level security;
create policy letters on ops.dead_letters to wakala_relay using (true) with check (true);

reset role;
