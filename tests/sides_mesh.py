"""A mesh to make trouble in: `west` and `east` publish the changes of a table each; `watch`, `stuck` and `keep` react.

The reaction of `watch` divides by n, that of `stuck` does not end where n is -1, that of `keep` always does what it should.
"""
from small_mesh import Product, write_mesh

SIDE = {"tables": {"entry": "id text key, n int, note text optional"}, "published": ("entry",),
        "more": {"entry": {"hansa.cleanup": "delete"}}}
SEEN = {"seen": "no serial key, id text, n int"}

WATCH = Product(
    tables={**SEEN, "refused": "id text key, sqlstate text"},
    on={"west_entry": ("west-entry-v1", "-- each effect\ninsert into watch.seen (id, n) select e.id, 100 / e.n from events e\n",
                       {"rejected.sql": "insert into watch.refused (id, sqlstate) select e._key, e._sqlstate from events e\n"})})

STUCK = Product(
    tables=SEEN,
    on={"west_entry": ("west-entry-v1", """-- each effect
insert into stuck.seen (id, n)
select e.id, case when e.n <> -1 then e.n else (
    select count(*) from generate_series(1, 10000) a, generate_series(1, 10000) b, generate_series(1, 10000) c
     where a + b + c <> e.n)::integer end
  from events e
""")})

KEEP = Product(
    tables={"seen": SEEN["seen"]},
    on={"east_entry": ("east-entry-v1", "-- each effect\ninsert into keep.seen (id, n) select e.id, e.n from events e\n")})


def write_sides(folder):
    return write_mesh(folder, "sides", {"west": {"desk": Product(**SIDE)}, "east": {"desk": Product(**SIDE)},
                                        "watch": {"desk": WATCH}, "stuck": {"desk": STUCK}, "keep": {"desk": KEEP}})
