-- Forgetting: ids of processed commands that nobody repeats any more, and old dead letters (those may go since 001). By the role that
-- does the node's other chores; it sees no answer and no id, only how old a row is and where it lies.

set local role wakala_owner;

-- WhatsApp brings a message again for seven days. One day more, whatever anybody configures or computes: a younger id is not there for it.
create policy old_only on app.processed_commands for select to wakala_relay using (at < now() - interval '8 days');
create policy old_go on app.processed_commands for delete to wakala_relay using (at < now() - interval '8 days');
grant select (ctid, at), delete on app.processed_commands to wakala_relay;

-- How long the oldest acknowledged post waits: ids stay for what comes of it.
create policy waiting on ops.intake for select to wakala_relay using (true);
grant select (at) on ops.intake to wakala_relay;

reset role;
