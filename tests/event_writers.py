"""Writers of the bank (bank_mesh.py) that may lose their connection at any time and still know, in the end, what they wrote:
libpq with savepoints, aborts, sleeps, COPY and prepared transactions; psql; REST.

Each owns its accounts and tells the ledger every transaction's outcome. One that is not known is found out by the
transaction's marker, the movement that bears its name, once nobody can be at work on it any more.
"""
import contextlib
import io
import os
import random
import signal
import subprocess
import threading
import time
import traceback

import httpx
import psycopg2

PATIENCE = 60.0  # seconds until what was killed has to be back


class Transaction:
    """Statements, and the events they owe if they are committed. Made by dice."""

    def __init__(self, name, dice, accounts):
        self.name, self.dice = name, dice
        self.accounts = dict(accounts)  # id: (balance, seq, movements so far), None if it was deleted
        self.steps, self.changes = [], []
        self.drafts = []  # what savepoints took back
        self.number = 0
        self.movements(self.pick(1) or [self.fresh()], first=name)  # the marker

    def fresh(self):
        """An account that only has movements so far."""
        self.number += 1
        name = f"{self.name}.a{self.number}"
        self.accounts[name] = (0, -1, 0)
        return name

    def pick(self, count, there=False):
        known = [name for name, held in self.accounts.items() if held and (held[1] >= 0 or not there)]
        return self.dice.sample(known, min(count, len(known)))

    def step(self, sql, *values):
        self.steps.append((sql, values))

    def set_account(self, name, balance, seq, op):
        self.accounts[name] = (balance, seq, self.accounts[name][2])
        self.changes.append(("account", name, (op, balance, seq)))

    def movement_rows(self, names, first=None):
        for number, name in enumerate(names):
            balance, seq, moved = self.accounts[name]
            self.accounts[name] = (balance, seq, moved + 1)
            self.number += 1
            row = (first if first and number == 0 else f"{self.name}.{self.number}", name, moved + 1,
                   self.dice.randint(-50, 100))
            self.changes.append(("moved", name, (row[0], row[2], row[3])))
            yield row

    def movements(self, names, first=None):
        rows = list(self.movement_rows(names, first))
        self.step("insert into bank.movement (id, account, seq, amount) values " +
                  ", ".join(["(%s, %s, %s, %s)"] * len(rows)), *[value for row in rows for value in row])

    # What a transaction may do

    def move_several(self):
        names = self.pick(self.dice.randint(1, 4)) or [self.fresh()]
        self.movements(names + names[:1])  # one key twice in one statement

    def open(self):
        name = self.fresh()
        self.step("insert into bank.account (id, balance, seq) values (%s, %s, %s)", name, 100, 0)
        self.set_account(name, 100, 0, "create")

    def change(self):
        names = self.pick(self.dice.randint(1, 3), there=True)
        amount = self.dice.randint(-9, 9)
        if not names:
            return self.open()
        self.step("update bank.account set balance = balance + %s, seq = seq + 1 where id in (" +
                  ", ".join(["%s"] * len(names)) + ")", amount, *names)
        for name in names:
            balance, seq, _ = self.accounts[name]
            self.set_account(name, balance + amount, seq + 1, "update")

    def put(self):
        """Changes one account and makes another in one statement."""
        names = [*self.pick(1, there=True), self.fresh()]
        rows = []
        for name in names:
            balance, seq, _ = self.accounts[name]
            rows.append((name, balance + 7, seq + 1))
            self.set_account(name, balance + 7, seq + 1, "update" if seq >= 0 else "create")
        values = [value for row in rows for value in row]
        places = ", ".join(["(%s, %s, %s)"] * len(rows))
        if self.dice.random() < 0.5:
            self.step(f"insert into bank.account (id, balance, seq) values {places} "
                      "on conflict (id) do update set balance = excluded.balance, seq = excluded.seq", *values)
        else:
            self.step(f"merge into bank.account a using (values {places}) v(id, balance, seq) on v.id = a.id "
                      "when matched then update set balance = v.balance, seq = v.seq "
                      "when not matched then insert (id, balance, seq) values (v.id, v.balance, v.seq)", *values)

    def close(self):
        for name in self.pick(1, there=True):
            self.step("delete from bank.account where id = %s", name)
            self.accounts[name] = None
            self.changes.append(("account", name, ("delete",)))

    def rename(self):
        for name in self.pick(1, there=True):
            balance, seq, _ = self.accounts[name]
            new = self.fresh()
            self.step("update bank.account set id = %s, seq = seq + 1 where id = %s", new, name)
            self.accounts[name] = None
            self.changes.append(("account", name, ("delete",)))
            self.set_account(new, balance, seq + 1, "update")

    def copy(self):
        names = [self.fresh() for _ in range(self.dice.randint(5, 20))]
        for name in names:
            self.set_account(name, 5, 0, "create")
        self.steps.append(("copy bank.account (id, balance, seq) from stdin", [(name, 5, 0) for name in names]))
        self.steps.append(("copy bank.movement (id, account, seq, amount) from stdin", list(self.movement_rows(names))))

    def nothing(self):
        self.step("update bank.account set seq = seq + 1 where id = %s", "nobody")

    def sleep(self):
        self.step("select pg_sleep(%s)", self.dice.choice([0.001, 0.01, 0.05, 0.2]))

    def taken_back(self):
        """A savepoint, and back to it."""
        before, changed = dict(self.accounts), len(self.changes)
        self.step("savepoint here")
        for _ in range(self.dice.randint(1, 2)):
            self.dice.choice([self.move_several, self.change, self.open, self.close])()
        self.step("rollback to savepoint here" if self.dice.random() < 0.7 else "release savepoint here")
        if self.steps[-1][0].startswith("rollback"):
            self.drafts += self.changes[changed:]
            self.accounts = before
            del self.changes[changed:]

    def act(self, acts):
        for _ in range(self.dice.randint(1, 4)):
            getattr(self, self.dice.choice(acts))()
        return self


ACTS = ("move_several move_several open change change change put close rename copy nothing sleep taken_back "
        "taken_back").split()


class Writer(threading.Thread):
    """Writes until the world stops it; its last transaction is then brought to an end."""
    pace = 1.0  # of the pauses between turns

    def __init__(self, world, number):
        super().__init__(name=f"{type(self).__name__[0].lower()}{number}", daemon=True)
        self.world, self.ledger = world, world.ledger
        self.dice = random.Random(f"{world.seed}/{self.name}")
        self.accounts = {}
        self.turns = 0

    def run(self):
        try:
            while not self.world.writing_ends.is_set():
                self.turns += 1
                self.turn(f"{self.name}-{self.turns}")
                self.world.writing_ends.wait(self.dice.uniform(0, self.pace * self.world.pause))
        except BaseException:
            self.world.failures.append(f"writer {self.name}, turn {self.turns}: {traceback.format_exc()}")

    def conclude(self, transaction, committed, known="acknowledged"):
        if not committed:
            self.ledger.refuse(transaction.name, transaction.changes + transaction.drafts, known)
            return
        self.ledger.commit(transaction.name, transaction.changes, known)
        self.ledger.take_back(transaction.name, transaction.drafts)
        # Only a few are used again, or a transaction would choose among thousands.
        there = [(name, held) for name, held in transaction.accounts.items() if held]
        self.accounts = dict(there[-20:])


class Sql(Writer):
    """libpq."""
    connection = None
    ends = {"commit": 70, "rollback": 12, "commit prepared": 12, "rollback prepared": 6}

    def begin(self, name):
        return Transaction(name, self.dice, self.accounts).act(ACTS)

    def connect(self):
        """A cursor, as soon as PostgreSQL lets us in."""
        until = time.monotonic() + PATIENCE
        while not self.connection or self.connection.closed:
            try:
                self.connection = psycopg2.connect(self.world.conninfo, connect_timeout=5, application_name=self.name)
                self.connection.autocommit = True
            except psycopg2.OperationalError:
                assert time.monotonic() < until, "PostgreSQL did not come back"
                time.sleep(0.02)
        return self.connection.cursor()

    def is_gone(self, error):
        """Whether the connection went, and not PostgreSQL refused."""
        return not error.pgcode or error.pgcode.startswith("57P0")

    def until_answered(self, sql, *values):
        """Of what may be asked twice."""
        while True:
            cursor = self.connect()
            try:
                cursor.execute(sql, values)
                return cursor.fetchall()
            except psycopg2.Error as error:
                if not self.is_gone(error):
                    raise
                self.connection.close()

    def marker_is_there(self, transaction):
        return bool(self.until_answered("select 1 from bank.movement where id = %s", transaction.name))

    def do(self, cursor, transaction):
        cursor.execute("begin")
        for sql, values in transaction.steps:
            if sql.startswith("copy "):
                cursor.copy_expert(sql, io.StringIO("".join("\t".join(map(str, row)) + "\n" for row in values)))
            else:
                cursor.execute(sql, values)

    def turn(self, name):
        transaction = self.begin(name)
        end = self.dice.choices(list(self.ends), self.ends.values())[0]
        cursor = self.connect()
        asked = False
        try:
            self.do(cursor, transaction)
            asked = True
            if end in ("commit", "rollback"):
                cursor.execute(end)
                return self.conclude(transaction, end == "commit")
            cursor.execute(f"prepare transaction '{name}'")
        except psycopg2.Error as error:
            if not self.is_gone(error):
                raise
            self.connection.close()
            if not asked or end == "rollback":
                return self.conclude(transaction, False, "connection lost before")
            if end == "commit":
                return self.conclude(transaction, self.marker_is_there(transaction), "by its marker")
            return self.end_prepared(transaction, end, prepared=False)
        return self.end_prepared(transaction, end, prepared=True)

    def end_prepared(self, transaction, end, prepared):
        """`prepared`: it is known to be; else the answer was lost."""
        known, asked, connection = "acknowledged", False, self.connection
        time.sleep(self.dice.choice([0, 0.01, 0.1, 0.6]))
        while True:
            there = self.until_answered("select 1 from pg_prepared_xacts where gid = %s", transaction.name)
            if not there and not asked:
                assert not prepared, f"PostgreSQL lost prepared transaction {transaction.name}"
                return self.conclude(transaction, False, "not prepared after all")
            if not there:
                break
            prepared = asked = True
            try:
                self.connect().execute(f"{end} '{transaction.name}'")
                break
            except psycopg2.Error as error:
                if not self.is_gone(error):
                    raise
                self.connection.close()
        if self.connection is not connection:
            known = "prepared, ended after a restart"
        committed = end == "commit prepared"
        assert self.marker_is_there(transaction) == committed, f"{transaction.name} did not {end}"
        self.conclude(transaction, committed, known)


class Hasty(Sql):
    """Mostly commits, so that a kill falls between a commit and its answer now and then."""
    pace = 0.1
    ends = {"commit": 1}

    def begin(self, name):
        return Transaction(name, self.dice, self.accounts)


class Psql(Sql):
    """psql, which may be killed itself."""
    ends = {"commit": 85, "rollback": 15}

    def script(self, transaction, end):
        yield "begin;"
        for sql, values in transaction.steps:
            if sql.startswith("copy "):
                yield sql + ";\n" + "".join("\t".join(map(str, row)) + "\n" for row in values) + "\\."
            else:
                yield sql % tuple(f"'{value}'" if isinstance(value, str) else value for value in values) + ";"
        yield f"{end};\n\\echo done"

    def turn(self, name):
        transaction = self.begin(name)
        end = self.dice.choices(list(self.ends), self.ends.values())[0]
        killed = self.dice.random() < 0.1
        psql = subprocess.Popen(["psql", self.world.conninfo, "-XAtq", "-v", "ON_ERROR_STOP=1", "-f", "-"], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                env={**os.environ, "PGAPPNAME": name, "PGCONNECT_TIMEOUT": "5"})
        timer = threading.Timer(self.dice.uniform(0, 0.1), psql.send_signal, [signal.SIGKILL]) if killed else None
        if timer:
            timer.start()
        out, faults = psql.communicate("\n".join(self.script(transaction, end)), timeout=PATIENCE)
        if timer:
            timer.cancel()
        if out.endswith("done\n"):
            return self.conclude(transaction, end == "commit")
        assert psql.returncode in (2, -signal.SIGKILL), f"exit {psql.returncode}: {faults}"
        # Its session may still be at it.
        until = time.monotonic() + PATIENCE
        while self.until_answered("select 1 from pg_stat_activity where application_name = %s", name):
            assert time.monotonic() < until, "the session of a psql that is gone does not end"
            time.sleep(0.02)
        committed = self.marker_is_there(transaction)
        assert not (committed and end == "rollback")
        self.conclude(transaction, committed, "by its marker")


class Rest(Writer):
    """REST, each request so that it can be sent again."""
    http = None
    base = None

    def ask(self, method, path, expected, **how):
        """Asks until the answer is one of `expected`; returns it, and whether an answer was lost before."""
        until = time.monotonic() + PATIENCE
        lost, last = False, None
        while True:
            assert time.monotonic() < until, f"{method} {path}: no answer but {last}"
            url = self.world.url(self.dice)
            if not self.http or url != self.base:
                self.base, self.http = url, url and httpx.Client(base_url=url, timeout=10)
            if not self.http:
                time.sleep(0.02)
                continue
            try:
                answer = self.http.request(method, "/bank/v1/" + path, **how)
            except httpx.TransportError as error:
                lost, self.http, last = True, None, repr(error)
                time.sleep(0.01)
                continue
            if answer.status_code in expected:
                return answer, lost
            last = f"{answer.status_code} {answer.text}"
            busy = answer.status_code == 409 and "idempotency-in-progress" in answer.text
            assert busy or answer.status_code >= 500, f"{method} {path} {how}: {last}"
            lost = True
            time.sleep(0.05)

    def turn(self, name):
        self.dice.choice([self.move, self.move, self.move_many, self.open, self.change, self.change, self.change,
                          self.close, self.refused])(name)

    def row(self, name, account):
        balance, seq, moved = self.accounts[account]
        self.accounts[account] = (balance, seq, moved + 1)
        return {"id": name, "account": account, "seq": moved + 1, "amount": self.dice.randint(-50, 100)}

    def post_movements(self, name, rows):
        key = {"Idempotency-Key": f"{self.world.seed}-{name}"}
        _, lost = self.ask("POST", "movement", [201], json=rows, headers=key)
        rows = rows if isinstance(rows, list) else [rows]
        self.ledger.commit(name, [("moved", row["account"], (row["id"], row["seq"], row["amount"])) for row in rows],
                           "asked again" if lost else "acknowledged")

    def move(self, name):
        if not self.accounts:
            return self.open(name)
        self.post_movements(name, self.row(name, self.dice.choice(list(self.accounts))))

    def move_many(self, name):
        chosen = [self.dice.choice(list(self.accounts)) for _ in range(self.dice.randint(1, 20))] if self.accounts else []
        if chosen:
            self.post_movements(name, [self.row(f"{name}.{n}", account) for n, account in enumerate(chosen)])

    def open(self, name):
        answer, lost = self.ask("POST", "account", [201, 409], json={"id": name, "balance": 100, "seq": 0})
        assert answer.status_code == 201 or lost, answer.text
        self.accounts[name] = (100, 0, 0)
        self.ledger.commit(name, [("account", name, ("create", 100, 0))], "asked again" if lost else "acknowledged")

    def change(self, name):
        """With If-Match: what was lost on the way cannot be done a second time."""
        if not self.accounts:
            return
        account = self.dice.choice(list(self.accounts))
        balance, seq, moved = self.accounts[account]
        balance, seq = balance + self.dice.randint(-9, 9), seq + 1
        tag = self.ask("GET", f"account/{account}", [200])[0].headers["etag"]
        answer, lost = self.ask("PATCH", f"account/{account}", [200, 412], json={"balance": balance, "seq": seq},
                                headers={"If-Match": tag})
        if answer.status_code == 412:
            there = self.ask("GET", f"account/{account}", [200])[0].json()
            assert lost and there["seq"] == seq, f"{there} {answer.text}"
        self.accounts[account] = (balance, seq, moved)
        self.ledger.commit(name, [("account", account, ("update", balance, seq))], "asked again" if lost else "acknowledged")

    def close(self, name):
        if len(self.accounts) < 10:
            return
        account = self.dice.choice(list(self.accounts))
        answer, lost = self.ask("DELETE", f"account/{account}", [204, 404])
        assert answer.status_code == 204 or lost, answer.text
        del self.accounts[account]
        self.ledger.commit(name, [("account", account, ("delete",))], "asked again" if lost else "acknowledged")

    def refused(self, name):
        """Two rows of one key: none is written."""
        row = {"id": name, "account": f"{name}.nobody", "seq": 1, "amount": 1}
        self.ask("POST", "movement", [409], json=[row, row])
        self.ledger.refuse(name, [("moved", row["account"], (name, 1, 1))], "refused")


@contextlib.contextmanager
def writing(world):
    """Writers at work. At the end each has concluded what it began."""
    writers = [kind(world, number) for number, kind in enumerate([Sql, Sql, Sql, Hasty, Psql, Rest, Rest])]
    for writer in writers:
        writer.start()
    try:
        yield writers
    except BaseException as error:
        error.add_note("\n".join(world.failures))  # the cause, as often as not
        raise
    finally:
        world.writing_ends.set()
        for writer in writers:
            writer.join(2 * PATIENCE)
    assert not [writer.name for writer in writers if writer.is_alive()], "a writer does not end"
    assert not world.failures, "\n".join(world.failures)
