-- each effect
-- One UPDATE decides and takes at once: whoever changes the product meanwhile, stock never goes below zero.
with taken as (
  update products.product p
     set stock = p.stock - e.quantity
    from events e
   where p.id = e.product_id
     and (p.stock >= e.quantity or p.stock is null) -- null: a service, which never runs out
  returning p.id
)
-- An order that cannot be served is no error: it becomes a row, whose event tells Orders.
insert into products.stock_rejection (order_id, product_id, quantity, reason)
select e.order_id, e.product_id, e.quantity,
       case when p.id is null then 'no such product' else 'out of stock' end
  from events e
  left join products.product p on p.id = e.product_id
 where not exists (select from taken)
   and e.quantity > 0 -- what comes back for a product that is gone is no reason to refuse
