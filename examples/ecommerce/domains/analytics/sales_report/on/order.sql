-- batch 500 projection
-- A line may change after it was counted: it is rejected, corrected or deleted. So each is remembered as it was counted; an event
-- takes that back and counts what the line is now. Nothing else is needed of other topics, so no order between topics matters.
with line as ( -- of several events of one line the last one tells how it is now
  select distinct on (_key) _key::integer as id, product_id, (ordered_at at time zone 'UTC')::date as day,
         quantity as pieces, coalesce(total, 0) as revenue, _op <> 'delete' and status <> 'rejected' as counts
    from events
   order by _key, _offset desc
),
before as (
  select c.* from analytics.counted_line c join line using (id)
),
forgotten as (
  delete from analytics.counted_line c using line l where c.id = l.id and not l.counts
),
remembered as (
  insert into analytics.counted_line (id, product_id, day, pieces, revenue)
  select id, product_id, day, pieces, revenue from line where counts
  on conflict (id) do update
    set product_id = excluded.product_id, day = excluded.day, pieces = excluded.pieces, revenue = excluded.revenue
)
merge into analytics.sales_by_product_and_day s
using (
  select product_id, day, sum(lines) as lines, sum(pieces) as pieces, sum(revenue) as revenue
    from (select product_id, day, 1 as lines, pieces, revenue from line where counts
          union all
          select product_id, day, -1, -pieces, -revenue from before) change
   group by product_id, day
) d on s.product_id = d.product_id and s.day = d.day
when matched and s.lines + d.lines = 0 then delete
when matched then
  update set lines = s.lines + d.lines, pieces = s.pieces + d.pieces, revenue = s.revenue + d.revenue
when not matched then
  insert (product_id, day, lines, pieces, revenue) values (d.product_id, d.day, d.lines, d.pieces, d.revenue)
