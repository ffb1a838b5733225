"""Writing over REST where tables feed topics: what the change tells its events, and what is refused for their sake."""
import textwrap

import pytest

from running import Mesh, problem, short_folder

FILES = {
    "mesh.yaml": "hansa: 1\nname: yard\n",
    "domains/yard/domain.yaml": "team: {name: yard}\n",
    "domains/yard/parts/parts.odps.yaml": """
        apiVersion: v1.0.0
        kind: DataProduct
        id: yard-parts
        name: Parts
        version: 1.0.0
        status: active
        outputPorts:
          - {name: rest, version: '1', type: rest, contractId: yard-part-v1}
          - {name: events, version: '1', type: kafka, contractId: yard-part-v1}
        """,
    "domains/yard/parts/part.v1.odcs.yaml": """
        apiVersion: v3.1.0
        kind: DataContract
        id: yard-part-v1
        version: 1.0.0
        status: active
        schema:
          - name: part
            logicalType: object
            physicalType: table
            properties:
              - {name: id, logicalType: integer, physicalType: serial, primaryKey: true, required: true}
              - {name: name, logicalType: string, required: true}
              - {name: weight, logicalType: integer, required: true}
          - name: part_weighed
            logicalType: object
            physicalType: topic
            properties:
              - {name: part_id, logicalType: integer, primaryKey: true, required: true}
              - {name: in_a_ton, logicalType: integer}
        """,
    "domains/yard/parts/emit/part_weighed.v1.sql":
        "-- after insert on part\nselect id as part_id, 1000 / weight as in_a_ton from inserted\n",
    "domains/sales/domain.yaml": "team: {name: sales}\n",
    "domains/sales/offers/offers.odps.yaml": """
        apiVersion: v1.0.0
        kind: DataProduct
        id: sales-offers
        name: Offers
        version: 1.0.0
        status: active
        inputPorts:
          - {name: part, version: '1', contractId: yard-part-v1}
        outputPorts:
          - {name: rest, version: '1', type: rest, contractId: sales-offer-v1}
        """,
    "domains/sales/offers/offer.v1.odcs.yaml": """
        apiVersion: v3.1.0
        kind: DataContract
        id: sales-offer-v1
        version: 1.0.0
        status: active
        schema:
          - name: known_part
            logicalType: object
            physicalType: table
            properties:
              - {name: id, logicalType: integer, primaryKey: true, required: true}
              - {name: name, logicalType: string}
          - name: offer
            logicalType: object
            physicalType: table
            properties:
              - {name: id, logicalType: integer, physicalType: serial, primaryKey: true, required: true}
              - name: part_id
                logicalType: integer
                relationships: [{to: known_part.id}]
        """,
    "domains/sales/offers/on/part.sql": """
        -- each projection
        insert into sales.known_part (id, name)
        select e.id, e.name from events e where e._op <> 'delete'
        on conflict (id) do update set name = excluded.name
        """,
}
PARTS = "/yard/v1/part"
OFFERS = "/sales/v1/offer"


@pytest.fixture(scope="module")
def yard():
    with short_folder() as parent:
        mesh = Mesh(parent / "yard")
        for name, text in FILES.items():
            file = mesh.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(textwrap.dedent(text).lstrip("\n"))
        mesh.hansa("check", mesh.folder, check=0)
        try:
            mesh.up()
            yield mesh
        finally:
            mesh.end()


@pytest.fixture
def http(yard):
    with yard.client() as client:
        yield client


def test_a_change_tells_whoever_makes_events_of_it_its_trace(yard, http):
    # A trigger of somebody else's, beside those that capture.
    yard.psql("""
        create table public.seen (n serial, op text, trace text, actor text);
        grant insert on public.seen to public;
        grant usage on sequence public.seen_n_seq to public;
        create function public.see() returns trigger language plpgsql as $$
        begin
          insert into public.seen (op, trace, actor)
          values (lower(tg_op), current_setting('hansa.trace', true), current_setting('hansa.actor', true));
          return null;
        end $$;
        create trigger zz_see after insert or update or delete on yard.part
          for each statement execute function public.see();
        """)
    given = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    part = {"name": "bolt", "weight": 5}
    one = http.post(PARTS, json=part, headers={"traceparent": given})
    answers = [("insert", one), ("insert", http.post(PARTS, json=[part, part])),
               ("insert", http.post(PARTS, json=part, headers={"Idempotency-Key": "k"})),
               ("update", http.patch(one.headers["location"], json={"weight": 6})),
               ("update", http.patch(one.headers["location"], json={"weight": 7}, headers={"If-Match": "*"})),
               ("delete", http.delete(one.headers["location"]))]
    assert all(answer.is_success for _, answer in answers), [answer.text for _, answer in answers]
    assert one.headers["traceparent"].startswith(given[:36])
    expected = [f"{op}|{answer.headers['traceparent']}|rest" for op, answer in answers]
    assert yard.psql("select op, trace, actor from public.seen order by n").split("\n") == expected
    yard.psql("insert into yard.part (name, weight) values ('nut', 1)")
    assert yard.psql("select trace is null from public.seen order by n desc limit 1") == "t"
    yard.psql("drop function public.see() cascade; drop table public.seen")


def test_an_emission_that_fails_is_named(http):
    body = [{"name": "bolt", "weight": 5}, {"name": "feather", "weight": 0}]
    before = len(http.get(PARTS).json())
    document = problem(http.post(PARTS, json=body), 422, "invalid-emission")
    assert "`yard-part_weighed-v1`" in document["detail"] and "division by zero" in document["detail"]
    assert len(http.get(PARTS).json()) == before


def test_an_event_may_not_be_too_large(http):
    answer = http.post(PARTS, json={"name": "x" * 1_100_000, "weight": 5})
    document = problem(answer, 422, "value-over-limit")
    assert document["detail"].startswith("an event of topic yard-part-v1 has 11000")


def test_a_row_that_has_not_arrived_may_come(http):
    answer = http.post(OFFERS, json={"part_id": 999})
    document = problem(answer, 409, "not-arrived-yet")
    assert answer.headers["retry-after"] == "1"
    assert all(word in document["detail"] for word in ("`part_id`", "999", "`yard`", "`yard-part-v1`"))
    assert document["errors"][0]["path"] == "/part_id"
    problem(http.post(OFFERS, json=[{"part_id": None}, {"part_id": 999}]), 409, "not-arrived-yet")
    made = http.post(OFFERS, json={})
    assert made.status_code == 201, made.text
    problem(http.patch(made.headers["location"], json={"part_id": 999}), 409, "not-arrived-yet")
    paths = http.get("/sales/v1/openapi.json").json()["paths"]
    for path, method in ((OFFERS, "post"), (OFFERS + "/{key}", "patch")):
        conflict = paths[path][method]["responses"]["409"]
        assert "Retry-After" in conflict["headers"] and "yard-part-v1" in conflict["description"]
    assert "$ref" in paths[OFFERS + "/{key}"]["delete"]["responses"]["409"]
