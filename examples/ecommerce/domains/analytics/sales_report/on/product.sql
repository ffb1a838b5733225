-- each projection
merge into analytics.product_label l
using events e on l.id = e._key::integer -- a deletion has its key and no other field
when matched and e._op = 'delete' then
  update set withdrawn = true
when matched and (l.sku, l.name, l.withdrawn) is distinct from (e.sku, e.name, false) then
  update set sku = e.sku, name = e.name, withdrawn = false
when not matched and e._op <> 'delete' then
  insert (id, sku, name, created_at) values (e.id, e.sku, e.name, e.created_at)
