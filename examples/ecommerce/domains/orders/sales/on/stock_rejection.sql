-- each effect
update orders.order o
   set status = 'rejected'
  from events e
 where o.id = e.order_id
