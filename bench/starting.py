"""From starting the process to its first 200 for a row, PostgreSQL being up and
nothing else running."""
import figures

TIMES = 5


def measure(world):
    cell = figures.Cell("first_answer", "First answer after start", "ms", {})
    for turn in range(TIMES if world.size.rounds > 2 else 2):
        world.note_round("start", turn)
        for side in world.sides:
            with side.make_server() as server:
                cell.samples.setdefault(side.name, []).append(server.first_answer_ms)
    return [cell]
