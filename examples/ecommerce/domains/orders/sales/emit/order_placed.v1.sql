-- after insert on order
select id as order_id, product_id, quantity, ordered_at as "timestamp"
  from inserted
 where status = 'placed'
