-- Who a customer is and what is in the cart stands in the journal already: a conversation points to the events that last changed them,
-- as messages do, instead of having both sealed again at every word.

set local role wakala_owner;

-- Null: not written since this migration; then `personal` has it, sealed.
alter table app.conversations add column contact_seq bigint, add column cart_seq bigint;

reset role;
