-- Updates that stay on their page and write no index (heap-only tuples).

set local role wakala_owner;

-- Room for the statuses that follow a message within seconds: without it nine of ten went to another page, each with an entry in both
-- indexes, up to three times a message.
alter table app.messages set (fillfactor = 65);

-- Listed by the minute, and within it by a sort: an index on the time itself is written at every word of every customer.
alter table app.conversations add column updated_min bigint generated always as (updated_at_ms / 60000) stored;
drop index app.conversations_by_time;
create index conversations_by_minute on app.conversations (tenant_id, updated_min);
alter table app.conversations set (fillfactor = 80);

reset role;
