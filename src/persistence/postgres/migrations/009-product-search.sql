-- What a search compares, folded by the program: a database without a locale folds the case of ASCII only, and aliases are in the packed
-- body. Null in rows of before, which are looked through until they are written again.

set local role wakala_owner;

alter table app.products add column search text collate "C";

reset role;
