"""What Kafka clients observe, as plain data: each scenario runs against a broker's address and says what it saw. Nothing in an
observation depends on chance, time or the machine, so two brokers can be compared as they are."""
import kafka_group_scenarios  # noqa: F401
import kafka_protocol_scenarios  # noqa: F401
import kafka_record_scenarios  # noqa: F401
import kafka_topic_scenarios  # noqa: F401
from kafka_side import SCENARIOS, Side

__all__ = ["SCENARIOS", "Side"]
