"""What writers were told, kept outside of what is tested, and the judgement of topics and effects by it.

Every key has one writer, so what a topic has to hold of it is a list: the changes in the order of their commits.
"""
import collections
import dataclasses
import threading


@dataclasses.dataclass
class Entry:
    """`value` is what the event has to say; the rest tells a person where it came from."""
    value: tuple
    transaction: str
    known: str  # "acknowledged", or how else the outcome was found out


class Ledger:
    def __init__(self):
        self.lock = threading.Lock()
        self.events = collections.defaultdict(lambda: collections.defaultdict(list))  # by topic and key
        self.outcomes = collections.Counter()
        self.uncommitted = {}  # id of a movement: the transaction that was not committed

    def commit(self, transaction, changes, known="acknowledged"):
        """`changes`: (topic, key, value) in the order of the statements."""
        with self.lock:
            self.outcomes[f"committed, {known}"] += 1
            for topic, key, value in changes:
                self.events[topic][key].append(Entry(value, transaction, known))

    def refuse(self, transaction, changes, known="acknowledged"):
        with self.lock:
            self.outcomes[f"not committed, {known}"] += 1
        self.take_back(transaction, changes)

    def take_back(self, transaction, changes):
        """Changes that nobody may ever hear of."""
        with self.lock:
            for topic, _, value in changes:
                if topic == "moved":
                    self.uncommitted[value[0]] = transaction

    def committed(self):
        with self.lock:
            return sum(len(entries) for keys in self.events.values() for entries in keys.values())

    def values(self, topic):
        return {key: [entry.value for entry in entries] for key, entries in self.events[topic].items()}

    def faults(self, name, topic, seen, compacted=False):
        """Sentences on how `seen`, {key: [value]}, differs from what was committed; none if it does not. Of a key of a
        topic that is `compacted` all but the last may be missing."""
        out = []
        expected = self.values(topic)
        for key in sorted(expected.keys() | seen.keys()):
            want, have = expected.get(key, []), seen.get(key, [])
            if compacted and have and want and have[-1] == want[-1]:
                rest = iter(want)
                want = have if all(value in rest for value in have) else want
            if want != have:
                out.append(f"{name}, key {key}: {self.how(topic, key, want, have)}")
        return out

    def how(self, topic, key, want, have):
        wanted, had = collections.Counter(want), collections.Counter(have)
        words = []
        for value in wanted - had:
            entry = next(entry for entry in self.events[topic][key] if entry.value == value)
            words.append(f"lost {value} of {entry.transaction} ({entry.known}; {had[value]} of {wanted[value]} there)")
        for value in had - wanted:
            if value in wanted:
                words.append(f"doubled {value}")
            else:
                words.append(f"invented {value}" + (f" of {self.uncommitted[value[0]]}, which was not committed"
                                                    if value[0] in self.uncommitted else ""))
        if not words:
            first = next(number for number, pair in enumerate(zip(want, have)) if pair[0] != pair[1])
            words.append(f"reordered from place {first} on: {have[first:first + 5]} instead of {want[first:first + 5]}")
        return "; ".join(words[:5])
