-- The fence of a batch as two plain statements: `app.check_fence` says the same in PL/pgSQL at three times the cost, with every batch.
-- It stays for nodes of the version before.

set local role wakala_owner;

create function app.refuse_batch() returns void language plpgsql volatile as $$
begin
  raise exception 'another owner holds a shard of this batch' using errcode = 'WK001';
end $$;
revoke execute on function app.refuse_batch() from public;
grant execute on function app.refuse_batch() to wakala_writer;

reset role;
