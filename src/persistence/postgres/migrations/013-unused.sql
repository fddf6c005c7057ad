-- What nothing uses: command ids are forgotten by place (`retention.ts` says why), so that an index of their ages was written with every
-- batch for nobody; and nodes that took the fence from `check_fence` are from before 007.

set local role wakala_owner;

drop index app.processed_commands_age;
drop function app.check_fence(smallint[], bigint[]);

reset role;
