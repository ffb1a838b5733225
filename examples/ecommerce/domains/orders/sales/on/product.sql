-- each projection
-- Stock moves with every order; what Orders keeps does not, so most events change nothing here.
merge into orders.known_product k
using events e on k.id = e._key::integer -- a deletion has its key and no other field
when matched and e._op = 'delete' then
  update set withdrawn = true
when matched and (k.name, k.withdrawn) is distinct from (e.name, false) then
  update set name = e.name, withdrawn = false
when not matched and e._op <> 'delete' then
  insert (id, name, created_at) values (e.id, e.name, e.created_at) -- not now(): built again, it is the same
