"""The mesh of the tests that judge events: a bank writes accounts and movements, others react.

`movement` feeds the topic of the emission `moved` (Avro), `account` that of its changes (JSON). Domain `audit` counts and
keeps a journal, an effect for one event after the other; its journal is a topic again. Domain `mirror`, in another
database, copies accounts (a projection, in batches) and receives the journal. No table has a key that would
hide an event that came twice.
"""
import copy

from small_mesh import Product, write_mesh

MOVED, ACCOUNT, JOURNAL = "bank-moved-v1", "bank-account-v1", "audit-journal-v1"

BANK = Product(
    tables={"account": "id text key, balance long, seq long", "movement": "id text key, account text, seq long, amount int"},
    topics={"moved": "id text key, account text by, seq long, amount int"},
    published=("account",),
    more={"account": {"hansa.partitions": 3, "hansa.format": "json"},
          "moved": {"hansa.partitions": 2}},
    emit={"moved": "-- after insert on movement\nselect id, account, seq, amount from inserted\n"})

AUDIT = Product(
    tables={"counter": "account text key, total long, moves long",
            "journal": "no serial key, id text, account text, seq long, amount int"},
    published=("journal",),
    more={"journal": {"hansa.cleanup": "delete"}},
    on={"moved": ("bank-moved-v1", """-- each effect
with counted as (
  insert into audit.counter as c (account, total, moves)
  select e.account, e.amount, 1 from events e
  on conflict (account) do update set total = c.total + excluded.total, moves = c.moves + 1
  returning c.account)
insert into audit.journal (id, account, seq, amount)
select e.id, e.account, e.seq, e.amount from events e
""")})

MIRROR = Product(
    tables={"copy": "id text key, balance long, seq long",
            "received": "no serial key, journal long, id text, account text, seq long, amount int"},
    on={"account": ("bank-account-v1", """-- batch 100 projection
with latest as (
  select distinct on (_key) _key, _op, balance, seq from events order by _key, _offset desc),
gone as (
  delete from mirror.copy c using latest l where c.id = l._key and l._op = 'delete' returning c.id)
insert into mirror.copy as c (id, balance, seq)
select l._key, l.balance, l.seq from latest l where l._op <> 'delete'
on conflict (id) do update set balance = excluded.balance, seq = excluded.seq
"""),
        "journal": ("audit-journal-v1", """-- each effect
insert into mirror.received (journal, id, account, seq, amount)
select e.no, e.id, e.account, e.seq, e.amount from events e
""")})


def write_bank(folder, compacted):
    """`compacted`: whether of the changes of accounts only the last of each key is kept for ever."""
    bank = copy.deepcopy(BANK)
    bank.more["account"]["hansa.cleanup"] = "compact" if compacted else "delete"
    return write_mesh(folder, "bank", {"bank": {"book": bank}, "audit": {"desk": AUDIT}, "mirror": {"glass": MIRROR}},
                      elsewhere=("mirror",))
